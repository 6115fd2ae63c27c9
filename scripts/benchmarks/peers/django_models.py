"""The tables as Django's models. The tables exist already: indexes and checks are theirs."""

from django.db import models
from django.utils import timezone

from scripts.benchmarks.peers import words

STATUSES = list(words.STATUS_WORDS.items())


class Existing(models.Model):
    """A table that Django did not make."""

    class Meta:
        abstract = True
        managed = False
        app_label = "peers"


def to(model: str, *, null: bool = False, name: str = "+") -> "models.ForeignKey[models.Model]":
    return models.ForeignKey(f"peers.{model}", models.PROTECT, null=null, related_name=name)


class Area(Existing):
    id = models.AutoField(primary_key=True)
    level = models.CharField(max_length=10)
    name = models.CharField(max_length=100)
    ancestry = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    parent = to("Area", null=True)

    class Meta(Existing.Meta):
        db_table = "area"


class Category(Existing):
    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    explanation = models.CharField(max_length=60)
    icon = models.CharField(max_length=40)
    confidential = models.BooleanField()
    active = models.BooleanField()
    position = models.SmallIntegerField()

    class Meta(Existing.Meta):
        db_table = "category"


class Station(Existing):
    id = models.AutoField(primary_key=True)
    level = models.CharField(max_length=16)
    status = models.CharField(max_length=10)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200)
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    opening_hours = models.CharField(max_length=200)
    phone = models.CharField(max_length=20)
    duty_phone = models.CharField(max_length=20)
    operator = models.CharField(max_length=100)
    origin = models.CharField(max_length=20, null=True)
    area = to("Area")
    county = to("Area", null=True)

    class Meta(Existing.Meta):
        db_table = "station"


class Person(Existing):
    id = models.BigIntegerField(primary_key=True, default=words.new_id)
    openid = models.CharField(max_length=64, null=True)
    name = models.TextField(null=True)
    phone = models.TextField(null=True)
    birth_year = models.SmallIntegerField(null=True)
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)
    created_by = to("Person", null=True)
    home = to("Area", null=True)

    class Meta(Existing.Meta):
        db_table = "person"


class Role(Existing):
    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=16)
    scope = models.CharField(max_length=24)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    current = models.SmallIntegerField(null=True)
    area = to("Area", null=True)
    ended_by = to("Person", null=True)
    granted_by = to("Person", null=True)
    person = to("Person")
    station = to("Station", null=True)

    class Meta(Existing.Meta):
        db_table = "role"


class Need(Existing):
    id = models.BigIntegerField(primary_key=True, default=words.new_id)
    status = models.CharField(max_length=12, choices=STATUSES, default="submitted")
    urgency = models.CharField(max_length=10, choices=[(one, one) for one in words.URGENCIES], default="normal")
    channel = models.CharField(max_length=10, default="phone_app")
    text = models.TextField()
    contact_name = models.TextField()
    contact_phone = models.TextField()
    at_home = models.BooleanField(default=False)
    place = models.TextField(blank=True, default="")
    relation = models.CharField(max_length=20, blank=True, default="")
    help_times = models.CharField(max_length=200, blank=True, default="")
    may_share_contact = models.BooleanField(default=False)
    route = models.CharField(max_length=1000)
    slip_code = models.CharField(max_length=12, unique=True, default=words.new_slip_code)
    outcome = models.TextField(default="")
    submitted_at = models.DateTimeField(default=timezone.now)
    response_due_at = models.DateTimeField()
    completion_due_at = models.DateTimeField()
    next_due_at = models.DateTimeField(null=True)
    due_rank = models.SmallIntegerField()
    accepted_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    urged_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    joined_needs = models.SmallIntegerField(default=0)
    urgings = models.SmallIntegerField(default=0)
    times_returned = models.SmallIntegerField(default=0)
    reopenings = models.SmallIntegerField(default=0)
    event_count = models.SmallIntegerField(default=0)
    decided_by_head = models.BooleanField(default=False)
    area = to("Area")
    assignee = to("Person", null=True)
    category = to("Category")
    first_worker = to("Person", null=True)
    handler = to("Person", null=True)
    merged_into = to("Need", null=True)
    overseer = to("Station", null=True)
    person = to("Person")
    referred_to = to("Station", null=True)
    station = to("Station")
    submitted_by = to("Person")

    class Meta(Existing.Meta):
        db_table = "need"


class NeedEvent(Existing):
    id = models.BigAutoField(primary_key=True)
    number = models.SmallIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    from_status = models.CharField(max_length=12, null=True)
    to_status = models.CharField(max_length=12, null=True)
    text = models.TextField()
    note = models.TextField(default="")
    service_minutes = models.SmallIntegerField(default=0)
    actor = to("Person", null=True)
    need = to("Need", name="timeline")
    station = to("Station", null=True)

    class Meta(Existing.Meta):
        db_table = "need_event"


class Job(Existing):
    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField()
    lease = models.CharField(max_length=32, default="")
    attempts = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=8, default="waiting")
    last_error = models.CharField(max_length=300, default="")
    done_at = models.DateTimeField(null=True)

    class Meta(Existing.Meta):
        db_table = "job"


class Notice(Existing):
    id = models.BigIntegerField(primary_key=True, default=words.new_id)
    template = models.CharField(max_length=40)
    title = models.CharField(max_length=60)
    body = models.CharField(max_length=500)
    subject_kind = models.CharField(max_length=14, null=True)
    subject_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    person = to("Person")

    class Meta(Existing.Meta):
        db_table = "notice"


class Activity(Existing):
    id = models.BigIntegerField(primary_key=True, default=words.new_id)
    status = models.CharField(max_length=10)
    listed = models.SmallIntegerField()
    title = models.CharField(max_length=60)
    text = models.CharField(max_length=2000)
    place = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    booking_opens_at = models.DateTimeField()
    priority_until = models.DateTimeField(null=True)
    booking_closes_at = models.DateTimeField()
    cancellation_until = models.DateTimeField()
    seats = models.IntegerField()
    seats_taken = models.IntegerField()
    seats_held = models.IntegerField()
    waiting = models.IntegerField()
    last_number = models.IntegerField()
    max_party_size = models.SmallIntegerField()
    min_age = models.SmallIntegerField(null=True)
    max_age = models.SmallIntegerField(null=True)
    questions = models.JSONField()
    check_in_secret = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200)
    reminded_day_at = models.DateTimeField(null=True)
    reminded_hours_at = models.DateTimeField(null=True)
    area = to("Area")
    category = to("Category")
    county = to("Area", null=True)
    created_by = to("Person")
    published_by = to("Person", null=True)
    rule_id = models.BigIntegerField(null=True)
    series_id = models.BigIntegerField(null=True)
    station = to("Station")
    town = to("Area", null=True)
    venue_use_id = models.BigIntegerField(null=True)

    class Meta(Existing.Meta):
        db_table = "activity"


class Booking(Existing):
    id = models.BigIntegerField(primary_key=True, default=words.new_id)
    status = models.CharField(max_length=12, default="booked")
    channel = models.CharField(max_length=12, default="phone_app")
    size = models.SmallIntegerField(default=1)
    number = models.IntegerField()
    penalty_until = models.DateTimeField(null=True)
    answers = models.TextField(default="")
    booked_at = models.DateTimeField()
    seated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    reason = models.TextField(default="")
    activity = to("Activity")
    booked_by = to("Person")
    person = to("Person")
    post_id = models.BigIntegerField(null=True)

    class Meta(Existing.Meta):
        db_table = "booking"


class Attendee(Existing):
    id = models.BigIntegerField(primary_key=True, default=words.new_id)
    name = models.TextField(default="")
    birth_year = models.SmallIntegerField(null=True)
    current = models.SmallIntegerField(null=True, default=1)
    left_at = models.DateTimeField(null=True)
    checked_in_at = models.DateTimeField(null=True)
    check_in_way = models.CharField(max_length=10, null=True)
    check_in_step = models.BigIntegerField(null=True)
    checked_out_at = models.DateTimeField(null=True)
    activity = to("Activity")
    booking = to("Booking", name="attendees")
    checked_in_by = to("Person", null=True)
    checked_out_by = to("Person", null=True)
    person = to("Person", null=True)
    service_record_id = models.BigIntegerField(null=True)

    class Meta(Existing.Meta):
        db_table = "attendee"
