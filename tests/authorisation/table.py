"""The authorisation table: a row for each operation, a column for each persona, and the status of a valid request.

The personas are seen from one resident, the `owner`: `worker` and `head` are staff of the owner's station, `other` is
staff of another station, `county` is an officer of that station's county.
"""

from server.models import StationStatus
from tests.authorisation import (
    activities,
    bookings,
    certificates,
    check_ins,
    duty,
    given,
    households,
    joinings,
    offers,
    orders,
    points,
    rankings,
    service_records,
    supermarket,
    tasks,
    timebank,
    venues,
    volunteers,
)
from tests.authorisation.row import ANY_STAFF, ANYBODY, CITY, NO_ONE, OFFICER, OWNER, SIGNED_IN, Row

# fmt: off - one line for each path
TABLE: dict[str, Row] = {
    **activities.ROWS,
    **bookings.ROWS,
    **certificates.ROWS,
    **check_ins.ROWS,
    **duty.ROWS,
    **households.ROWS,
    **joinings.ROWS,
    **offers.ROWS,
    **orders.ROWS,
    **points.ROWS,
    **rankings.ROWS,
    **venues.ROWS,
    **service_records.ROWS,
    **supermarket.ROWS,
    **tasks.ROWS,
    **timebank.ROWS,
    **volunteers.ROWS,
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /health": Row(ANYBODY),
    "GET /areas": Row(ANYBODY),
    "GET /areas/{area_id}": Row(ANYBODY, given.area),
    "GET /area-editions": Row(CITY),
    "POST /area-editions": Row("401 403 403 403 403 403 403 403 403 201"),
    "GET /area-editions/{edition_id}": Row(CITY, given.edition),
    "POST /area-editions/{edition_id}/application": Row(CITY, given.edition),
    "POST /area-editions/{edition_id}/discarding": Row(CITY, given.edition),
    "GET /ready": Row(ANYBODY),
    "POST /session": Row("201 201 201 201 201 201 201 201 201 201", given.code),
    "GET /session": Row(SIGNED_IN),
    "DELETE /session": Row(SIGNED_IN),
    "DELETE /sessions/{session_id}": Row(OWNER, given.session),
    "GET /me": Row(SIGNED_IN),
    "POST /me/changes": Row(SIGNED_IN),
    "GET /me/readings": Row(SIGNED_IN),
    "PUT /me/home": Row(SIGNED_IN),
    "GET /me/notifications": Row(SIGNED_IN),
    "PUT /me/notifications/{notification_id}/reading": Row(OWNER, given.notice),
    "POST /photos": Row("401 201 201 201 201 201 201 201 201 201", given.upload),
    "GET /photos/{photo_id}": Row(NO_ONE, given.forged_link),
    "GET /slips/{code}": Row(ANYBODY, given.need("submitted")),
    "GET /slips/{code}/page": Row(ANYBODY, given.need("submitted")),
    # A resident's own needs.
    "GET /needs": Row(SIGNED_IN),
    "POST /needs": Row("401 201 201 201 201 201 201 201 201 201"),
    "GET /needs/{need_id}": Row(OWNER, given.need("submitted")),
    "POST /needs/{need_id}/withdrawal": Row(OWNER, given.need("submitted")),
    "POST /needs/{need_id}/reminders": Row(OWNER, given.need("submitted")),
    "POST /needs/{need_id}/appeal": Row(OWNER, given.need("declined")),
    "POST /needs/{need_id}/reopening": Row(OWNER, given.need("resolved")),
    # A station's needs.
    "GET /station/needs": Row(ANY_STAFF),
    "POST /station/needs": Row("401 403 403 403 201 201 201 403 403 403"),
    "GET /station/needs/{need_id}": Row("401 403 403 403 200 200 404 200 404 200", given.need("submitted")),
    "GET /station/needs/{need_id}/slip": Row("401 403 403 403 200 200 404 200 404 200", given.need("submitted")),
    "POST /station/needs/{need_id}/acceptance": Row("401 403 403 403 200 200 404 403 404 403", given.need("submitted")),
    "POST /station/needs/{need_id}/decline": Row("401 403 403 403 200 200 404 403 404 403", given.need("submitted")),
    "POST /station/needs/{need_id}/assignment": Row("401 403 403 403 200 200 404 403 404 403", given.need("accepted")),
    "POST /station/needs/{need_id}/start": Row("401 403 403 403 200 200 404 403 404 403", given.need("assigned")),
    "POST /station/needs/{need_id}/note": Row("401 403 403 403 200 200 404 403 404 403", given.need("assigned")),
    "POST /station/needs/{need_id}/contact": Row("401 403 403 403 200 200 404 403 404 403", given.need("assigned")),
    "POST /station/needs/{need_id}/extension": Row("401 403 403 403 201 201 404 403 404 403", given.extendable),
    "POST /station/needs/{need_id}/referral": Row("401 403 403 403 200 200 404 403 404 403", given.need("submitted")),
    "POST /station/needs/{need_id}/referral-acceptance": Row(
        "401 403 403 403 403 403 200 403 404 403", given.need("referred")
    ),
    "POST /station/needs/{need_id}/referral-return": Row(
        "401 403 403 403 403 403 200 403 404 403", given.need("referred")
    ),
    "POST /station/needs/{need_id}/referral-recall": Row(
        "401 403 403 403 200 200 403 403 404 403", given.need("referred")
    ),
    "POST /station/needs/{need_id}/merge": Row("401 403 403 403 200 200 404 403 404 403", given.duplicate_need),
    "POST /station/needs/{need_id}/resolution": Row("401 403 403 403 200 200 404 403 404 403", given.need("started")),
    "POST /station/needs/{need_id}/crisis-opening": Row(
        "401 403 403 403 200 200 404 403 404 403", given.need("crisis")
    ),
    "POST /station/needs/{need_id}/crisis-acknowledgement": Row(
        "401 403 403 403 200 200 404 403 404 403", given.need("opened_crisis")
    ),
    "POST /station/needs/look-ups": Row("401 403 403 403 200 200 200 403 403 403", given.number),
    "GET /extensions": Row(ANY_STAFF),
    "POST /extensions/{extension_id}/reading": Row("401 403 403 403 404 200 404 200 404 200", given.extension),
    "POST /extensions/{extension_id}/decision": Row("401 403 403 403 404 200 404 200 404 200", given.extension),
    "GET /appeals": Row(ANY_STAFF),
    "POST /appeals/{appeal_id}/reading": Row("401 403 403 403 404 404 404 200 404 200", given.appeal),
    "POST /appeals/{appeal_id}/decision": Row("401 403 403 403 404 404 404 200 404 200", given.appeal),
    # Satisfaction.
    "PUT /needs/{need_id}/rating": Row(OWNER, given.need("resolved")),
    "GET /needs/{need_id}/rating": Row(OWNER, given.rated),
    "GET /station/satisfaction": Row(ANY_STAFF),
    "GET /county/satisfaction": Row("401 403 403 403 403 403 403 200 200 200"),
    "GET /station/satisfaction/comments": Row("401 403 403 403 200 200 404 200 404 200", given.satisfaction),
    "GET /station/call-backs": Row(ANY_STAFF),
    "POST /station/call-backs/{call_back_id}/contact": Row("401 403 403 403 403 200 404 404 404 404", given.call_back),
    "POST /station/call-backs/{call_back_id}/result": Row("401 403 403 403 403 200 404 404 404 404", given.call_back),
    # Facts that officers maintain.
    "GET /categories": Row(ANYBODY),
    "POST /categories": Row("401 403 403 403 403 403 403 403 403 201", given.category),
    "POST /categories/{code}/changes": Row(CITY, given.old_category),
    "PUT /categories/{code}/promises": Row(CITY, given.old_category),
    "PUT /calendar/{day}": Row(CITY, given.day),
    "GET /policies": Row(ANY_STAFF),
    "PUT /policies/{name}": Row("401 403 403 403 403 403 403 200 404 200", given.policy),
    "GET /roles": Row(ANY_STAFF),
    "GET /role-offers": Row(ANY_STAFF),
    "POST /role-offers": Row("401 403 403 403 403 201 403 201 403 201", given.offer),
    "POST /role-offers/acceptance": Row(SIGNED_IN, given.offer_code),
    "POST /role-offers/{offer_id}/confirmation": Row("401 403 403 403 404 403 404 200 404 200", given.accepted_offer),
    "POST /role-offers/{offer_id}/ending": Row("401 403 403 403 404 403 404 200 404 200", given.accepted_offer),
    "POST /roles/{role_id}/ending": Row("401 403 403 403 403 200 404 200 404 200", given.role),
    # Accounts.
    "GET /shut-outs": Row("401 403 403 403 403 403 403 200 200 200"),
    "POST /people/{person_id}/shut-out": Row("401 403 403 403 403 403 403 201 404 201", given.resident),
    "POST /people/{person_id}/readmission": Row(OFFICER, given.shut_out),
    "POST /people/{person_id}/session-ending": Row(OFFICER, given.resident),
    "GET /stations": Row(ANYBODY, given.county),
    "GET /stations/{station_id}": Row(ANYBODY, given.own_station),
    "POST /stations": Row("401 403 403 403 403 403 403 201 403 201", given.new_station),
    "POST /stations/{station_id}/changes": Row("401 403 403 403 404 200 404 200 404 200", given.own_station),
    "POST /stations/{station_id}/opening": Row(OFFICER, given.room(StationStatus.PLANNED)),
    "POST /stations/{station_id}/suspension": Row(OFFICER, given.room()),
    "POST /stations/{station_id}/closing": Row(OFFICER, given.room()),
    "PUT /stations/{station_id}/categories": Row(OFFICER, given.room()),
    "POST /stations/{station_id}/coverage": Row(OFFICER, given.room(covering=False)),
    "POST /stations/{station_id}/coverage/ending": Row(OFFICER, given.room()),
    "GET /coverage/report": Row("401 403 403 403 403 403 403 200 200 200"),
}
# fmt: on
