"""Requests and replies as serializers of Django REST framework."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from scripts.benchmarks.peers import words
from scripts.benchmarks.peers.django_models import (
    Activity,
    Attendee,
    Booking,
    Category,
    Job,
    Need,
    NeedEvent,
    Notice,
    Person,
    Role,
    Station,
)

# Fields of features that the app does not have.
EMPTY_OF_NEED = {
    "emergency": None,
    "photos": [],
    "allowed_actions": [],
    "joined_needs": [],
    "minutes_offered": None,
    "task": None,
}
EMPTY_OF_BOOKING = {"post": None, "bookings_ahead": None, "offer": None, "allowed_actions": []}


def caller(request: Request) -> int:
    """Return the person id that the header names: signing in is not part of the comparison."""
    return int(request.headers["Authorization"].removeprefix("Bearer "))


class StationReference(serializers.ModelSerializer):
    class Meta:
        model = Station
        fields = ("id", "name", "phone")


class TimelineEntry(serializers.ModelSerializer):
    actor = serializers.SerializerMethodField()
    message = serializers.CharField(source="text")
    status = serializers.CharField(source="to_status")
    photos = serializers.SerializerMethodField()

    class Meta:
        model = NeedEvent
        fields = ("at", "actor", "message", "status", "photos")

    def get_photos(self, _event: NeedEvent) -> list[str]:
        return []

    def get_actor(self, event: NeedEvent) -> str:
        name, station = event.actor and event.actor.name, event.station and event.station.name
        return words.actor(event.actor_id, name, station, caller(self.context["request"]))


class NewNeed(serializers.ModelSerializer):
    station_id = serializers.PrimaryKeyRelatedField(source="station", queryset=Station.objects.all())
    category = serializers.SlugRelatedField("code", queryset=Category.objects.filter(active=True))
    text = serializers.CharField(max_length=2000)
    contact_name = serializers.CharField(max_length=40)
    contact_phone = serializers.RegexField(words.PHONE)
    place = serializers.CharField(max_length=100, allow_blank=True, default="")

    class Meta:
        model = Need
        fields = (
            "station_id", "category", "text", "urgency", "contact_name", "contact_phone", "place", "relation",
            "help_times", "may_share_contact",
        )  # fmt: skip

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Need:
        now, station = timezone.now(), validated_data["station"]
        person = Person.objects.select_related("home").get(pk=caller(self.context["request"]))
        need = Need.objects.create(
            **validated_data,
            route=words.route_to(station.name),
            submitted_at=now,
            response_due_at=now + words.RESPONSE,
            completion_due_at=now + words.COMPLETION,
            next_due_at=now + words.RESPONSE,
            due_rank=words.due_rank(validated_data.get("urgency", "normal")),
            event_count=1,
            area=person.home,
            person=person,
            submitted_by=person,
        )
        text = words.submitted(need.route)
        event = need.timeline.create(
            number=1, at=now, kind="submitted", to_status="submitted", text=text, actor=person, station=station
        )
        need.events = [event]
        due = need.response_due_at
        Job.objects.create(kind="watch_need", subject=str(need.id), due_at=due, leased_until=due)
        notify_staff(need)
        return need


def notify_staff(need: Need) -> None:
    staff = Role.objects.filter(station=need.station, current=1, kind__in=words.STAFF_KINDS)
    Notice.objects.bulk_create(
        Notice(
            template="need_submitted",
            title=words.NOTICE_TITLE,
            body=words.NOTICE_BODY,
            subject_kind="need",
            subject_id=need.id,
            created_at=need.submitted_at,
            person_id=person_id,
        )
        for person_id in staff.values_list("person_id", flat=True).distinct()
    )


class NeedDetail(serializers.ModelSerializer):
    status_words = serializers.CharField(source="get_status_display")
    category = serializers.CharField(source="category.code")
    category_name = serializers.CharField(source="category.name")
    station = StationReference()
    area = serializers.CharField(source="area.name")
    escalated = serializers.SerializerMethodField()
    timeline = TimelineEntry(many=True, source="events")
    merged_into_id = serializers.IntegerField()

    class Meta:
        model = Need
        fields = (
            "id", "status", "status_words", "category", "category_name", "text", "urgency", "station", "submitted_at",
            "response_due_at", "completion_due_at", "slip_code", "route", "area", "contact_name", "contact_phone",
            "at_home", "place", "relation", "help_times", "outcome", "escalated", "timeline", "merged_into_id",
        )  # fmt: skip

    def get_escalated(self, need: Need) -> bool:
        return need.escalated_at is not None

    def to_representation(self, instance: Need) -> dict[str, Any]:
        return super().to_representation(instance) | EMPTY_OF_NEED


class ListQuery(serializers.Serializer):
    station = serializers.IntegerField()


class NeedRow(serializers.ModelSerializer):
    status_words = serializers.CharField(source="get_status_display")
    category = serializers.CharField(source="category.code")
    category_name = serializers.CharField(source="category.name")
    confidential = serializers.BooleanField(source="category.confidential")
    station = StationReference()
    area = serializers.CharField(source="area.name")
    name = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()
    excerpt = serializers.SerializerMethodField()
    assignee = serializers.CharField(source="assignee.name", default=None)
    assignee_id = serializers.IntegerField()
    overdue = serializers.SerializerMethodField()
    reminders = serializers.IntegerField(source="urgings")

    class Meta:
        model = Need
        fields = (
            "id", "status", "status_words", "category", "category_name", "confidential", "urgency", "station", "area",
            "name", "phone", "excerpt", "assignee", "assignee_id", "submitted_at", "response_due_at",
            "completion_due_at", "next_due_at", "overdue", "reminders",
        )  # fmt: skip

    def get_name(self, need: Need) -> str:
        return words.masked_name(need.contact_name)

    def get_phone(self, need: Need) -> str:
        return words.masked_phone(need.contact_phone)

    def get_excerpt(self, need: Need) -> str:
        return need.text[: words.EXCERPT]

    def get_overdue(self, need: Need) -> bool:
        return words.is_overdue(need.next_due_at, timezone.now())


class NewBooking(serializers.Serializer):
    answers = serializers.DictField(default=dict)


class BookedActivity(serializers.ModelSerializer):
    station = StationReference()

    class Meta:
        model = Activity
        fields = ("id", "title", "place", "starts_at", "ends_at", "station", "end_reason", "cancellation_until")

    def to_representation(self, instance: Activity) -> dict[str, Any]:
        is_open = {"phase": "booking_open", "phase_words": words.BOOKING_OPEN}
        return super().to_representation(instance) | is_open


class AttendeeDetail(serializers.ModelSerializer):
    person_id = serializers.IntegerField()
    name = serializers.CharField(source="person.name")

    class Meta:
        model = Attendee
        fields = ("id", "person_id", "name", "checked_in_at")

    def to_representation(self, instance: Attendee) -> dict[str, Any]:
        return super().to_representation(instance) | {"ticket": None}


class BookingDetail(serializers.ModelSerializer):
    status_words = serializers.SerializerMethodField()
    activity = BookedActivity()
    is_mine = serializers.SerializerMethodField()
    seats = serializers.IntegerField(source="size")
    attendees = AttendeeDetail(many=True, source="party")
    cancelled_late = serializers.BooleanField(source="late")

    class Meta:
        model = Booking
        fields = (
            "id", "status", "status_words", "activity", "is_mine", "seats", "attendees", "booked_at", "seated_at",
            "ended_at", "cancelled_late", "reason",
        )  # fmt: skip

    def get_status_words(self, _: Booking) -> str:
        return words.BOOKED

    def get_is_mine(self, booking: Booking) -> bool:
        return booking.person_id == caller(self.context["request"])

    def to_representation(self, instance: Booking) -> dict[str, Any]:
        return super().to_representation(instance) | EMPTY_OF_BOOKING | {"answers": self.context["answers"]}
