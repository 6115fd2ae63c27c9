"""Refusals of uploaded photos."""

from server.errors.base import Refusal, required
from server.errors.common import Busy


class PhotoTooLarge(Refusal):
    """The file is larger than `limit_bytes`."""

    code = "photo_too_large"
    status = 413
    message = "这张照片太大了，请换一张，或者用手机重新拍一张"
    detail_types = required(limit_bytes="integer")


class UnsupportedPhotoFormat(Refusal):
    """The file is neither JPEG, PNG, WebP nor HEIC, whatever its name says."""

    code = "unsupported_photo_format"
    status = 415
    message = "这个文件不是照片，请从手机相册里选一张照片，或者现拍一张"


class PhotoTooManyPixels(Refusal):
    """The photo has too many pixels."""

    code = "photo_too_many_pixels"
    status = 400
    message = "这张照片的尺寸太大了，请换一张，或者用手机重新拍一张"


class PhotoAnimated(Refusal):
    """The file holds several frames."""

    code = "photo_animated"
    status = 415
    message = "不能上传会动的图片，请换一张普通的照片"


class PhotoUnreadable(Refusal):
    """The file is broken or cut short, or takes more memory or time to open than a photo does."""

    code = "photo_unreadable"
    status = 400
    message = "这张照片打不开，可能已经损坏，请换一张，或者重新拍一张"


class PhotosBusy(Busy):
    """Too many photos are being drawn now; nothing was kept, the same photo may be sent again."""

    message = "现在传照片的人多，请等几秒钟再传一次"
    retry_after_seconds = 5


class PhotosUnavailable(Refusal):
    """The photo store does not answer; the same request may be repeated."""

    code = "photos_unavailable"
    status = 503
    message = "照片暂时存取不了，请过一会儿再试"
    retry_after_seconds = 30
