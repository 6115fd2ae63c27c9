"""Refusals of photos somebody sends in."""

from server.errors.base import Refusal


class PhotoTooLarge(Refusal):
    """Details: `limit_bytes`."""

    code = "photo_too_large"
    status = 413
    message = "这张照片太大了，请换一张，或者用手机重新拍一张"


class PhotoFormatRefused(Refusal):
    """Neither JPEG, PNG, WebP nor HEIC, whatever its name says."""

    code = "photo_format_refused"
    status = 415
    message = "这个文件不是照片，请从手机相册里选一张照片，或者现拍一张"


class PhotoTooManyPixels(Refusal):
    code = "photo_too_many_pixels"
    status = 400
    message = "这张照片的尺寸太大了，请换一张，或者用手机重新拍一张"


class PhotoAnimated(Refusal):
    """The file holds several frames."""

    code = "photo_animated"
    status = 415
    message = "不能上传会动的图片，请换一张普通的照片"


class PhotoUnreadable(Refusal):
    """Broken, cut short, or costing more memory or time to open than any honest photo does."""

    code = "photo_unreadable"
    status = 400
    message = "这张照片打不开，可能已经损坏，请换一张，或者重新拍一张"


class PhotosBusy(Refusal):
    """Too many photos are being drawn just now; nothing was kept, the same photo may be sent again."""

    code = "photos_busy"
    status = 503
    message = "现在传照片的人多，请等几秒钟再传一次"
    retry_after_seconds = 5


class PhotosUnavailable(Refusal):
    """The place where photos are kept does not answer; the same request may be repeated."""

    code = "photos_unavailable"
    status = 503
    message = "照片暂时存取不了，请过一会儿再试"
    retry_after_seconds = 30
