"""The four acts as a bare app of Django REST framework.

It follows the documentation: generic views, serializers, `select_related` of single rows and `prefetch_related` of
collections. Its settings are in `django_settings.py`.
"""

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Prefetch, QuerySet
from django.urls import path
from django.utils import timezone
from rest_framework import generics, pagination, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from scripts.benchmarks.peers import words
from scripts.benchmarks.peers.django_models import Activity, Attendee, Booking, Need, NeedEvent, Person
from scripts.benchmarks.peers.django_serializers import (
    BookingDetail,
    ListQuery,
    NeedDetail,
    NeedRow,
    NewBooking,
    NewNeed,
    caller,
)

EVENTS = NeedEvent.objects.select_related("actor", "station").order_by("number")


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = "Not possible now"


class NeedView(generics.RetrieveAPIView):
    serializer_class = NeedDetail

    def get_queryset(self) -> "QuerySet[Need]":
        mine = Need.objects.filter(person_id=caller(self.request))
        return mine.select_related("category", "station", "area").prefetch_related(
            Prefetch("timeline", EVENTS, to_attr="events")
        )


class NewNeedView(generics.CreateAPIView):
    serializer_class = NewNeed

    def create(self, request: Request) -> Response:
        told = self.get_serializer(data=request.data)
        told.is_valid(raise_exception=True)
        reply = NeedDetail(told.save(), context=self.get_serializer_context())
        return Response(reply.data, status=status.HTTP_201_CREATED)


class Newest(pagination.CursorPagination):
    ordering = ("-submitted_at", "-id")
    page_size = words.PAGE
    page_size_query_param = "limit"
    max_page_size = words.PAGE_MOST
    cursor_query_param = "after"


class StationNeedsView(generics.ListAPIView):
    serializer_class = NeedRow
    pagination_class = Newest

    def list(self, request: Request) -> Response:
        asked = ListQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = Need.objects.filter(station_id=asked.validated_data["station"])
        counted = found.values_list("status").annotate(Count("id"))
        page = self.paginate_queryset(found.select_related("category", "station", "area", "assignee"))
        items = self.get_serializer(page, many=True).data
        following = self.paginator.get_next_link()
        return Response({"items": items, "next": following, "counts": words.counts(counted)})


class BookingsView(APIView):
    def post(self, request: Request, activity_id: int) -> Response:
        told = NewBooking(data=request.data)
        told.is_valid(raise_exception=True)
        try:
            booking = book(activity_id, caller(request))
        except IntegrityError:
            raise Conflict from None
        context = {"request": request, "answers": told.validated_data["answers"]}
        return Response(BookingDetail(booking, context=context).data, status=status.HTTP_201_CREATED)


@transaction.atomic
def book(activity_id: int, person_id: int) -> Booking:
    """Take a seat and a number, if one is left and the booking is open."""
    now = timezone.now()
    bookable = Activity.objects.filter(
        pk=activity_id,
        status="published",
        booking_opens_at__lte=now,
        booking_closes_at__gt=now,
        seats_taken__lt=F("seats") - F("seats_held"),
    )
    if not bookable.update(seats_taken=F("seats_taken") + 1, last_number=F("last_number") + 1):
        raise Conflict
    activity = Activity.objects.select_related("station").get(pk=activity_id)
    person = Person.objects.get(pk=person_id)
    booking = Booking.objects.create(
        activity=activity, number=activity.last_number, booked_at=now, seated_at=now, person=person, booked_by=person
    )
    booking.party = [Attendee.objects.create(activity=activity, booking=booking, person=person)]
    return booking


urlpatterns = [
    path("api/v1/needs", NewNeedView.as_view()),
    path("api/v1/needs/<int:pk>", NeedView.as_view()),
    path("api/v1/station/needs", StationNeedsView.as_view()),
    path("api/v1/activities/<int:activity_id>/bookings", BookingsView.as_view()),
]
