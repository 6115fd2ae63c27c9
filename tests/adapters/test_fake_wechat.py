"""The fake WeChat is as strict, as forgetful and as unreliable as the real one."""

import hashlib
import hmac
import re
import signal
import socket
import time

import httpx
import pytest

from scripts.fake_wechat_server import openid_of
from tests.wechat import FakeWeChat, address_of, start_fake

SIGN_IN = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"
QUOTA = "/cgi-bin/openapi/quota/get"
CHECK = "/wxa/checksession"


@pytest.fixture
def http(fake_wechat):
    with httpx.Client(base_url=fake_wechat.url, trust_env=False) as http:
        yield http


@pytest.fixture
def app_of(fake_wechat):
    return {"appid": fake_wechat.app_id, "secret": fake_wechat.app_secret}


@pytest.fixture
def sign_in(http, app_of):
    def sign_in(code, **other):
        asked = app_of | {"js_code": code, "grant_type": "authorization_code"} | other
        return http.get(SIGN_IN, params=asked)

    return sign_in


@pytest.fixture
def token(http, app_of):
    def token(**other):
        return http.post(TOKEN, json=app_of | {"grant_type": "client_credential"} | other).json()

    return token


def ask_quota(http, token):
    return http.post(QUOTA, params={"access_token": token}, json={"cgi_path": TOKEN}).json()["errcode"]


def signed(key, openid):
    signature = hmac.new(key.encode(), b"", hashlib.sha256).hexdigest()
    return {"openid": openid, "signature": signature, "sig_method": "hmac_sha256"}


def test_a_sign_in_is_answered_as_wechat_does_it(sign_in):
    answer = sign_in("dev-wangnainai")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain")
    assert set(answer.json()) == {"openid", "session_key"}
    assert answer.json()["openid"] == openid_of("wangnainai")


def test_openids_look_like_openids_and_differ_from_person_to_person():
    openids = {openid_of(name) for name in ("wangnainai", "xiaoli", "王奶奶")}

    assert len(openids) == 3
    assert all(re.fullmatch(r"o[0-9A-Za-z_-]{27}", openid) for openid in openids)


def test_a_code_of_the_admins_signs_in_whom_it_was_made_for(fake_wechat, sign_in):
    answer = sign_in(fake_wechat.new_code("oWang", unionid="uWang")).json()

    assert (answer["openid"], answer["unionid"]) == ("oWang", "uWang")


def test_a_code_is_good_once_and_for_five_minutes(fake_wechat, sign_in):
    once, late = fake_wechat.new_code("oWang"), fake_wechat.new_code("oWang")

    first, second = sign_in(once).json(), sign_in(once).json()
    fake_wechat.pass_time(300)

    assert ("openid" in first, second["errcode"], sign_in(late).json()["errcode"]) == (True, 40163, 40029)


@pytest.mark.parametrize(
    ("other", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"appid": "wx0"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "wrong"}, 40125),
        ({"grant_type": "x"}, 40002),
        ({"js_code": ""}, 41008),
        ({"js_code": "x"}, 40029),
        ({"js_code": "dev-"}, 40029),
        ({"js_code": "dev-" + 65 * "x"}, 40029),
    ],
)
def test_a_wrong_sign_in_is_a_two_hundred_with_an_errcode(sign_in, other, errcode):
    answer = sign_in("dev-wangnainai", **other)

    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)
    assert re.search(r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", answer.json()["errmsg"])


def test_only_the_newest_session_key_of_a_user_is_good(http, sign_in, token):
    old, new = (sign_in("dev-wangnainai").json() for _ in range(2))
    pass_on = {"access_token": token()["access_token"]}

    told = [http.get(CHECK, params=pass_on | signed(one["session_key"], one["openid"])).json() for one in (old, new)]

    assert [one["errcode"] for one in told] == [87009, 0]


def test_a_stranger_has_no_session_key(http, token):
    asked = {"access_token": token()["access_token"]} | signed("", "oNobody")

    assert http.get(CHECK, params=asked).json()["errcode"] == 40003


def test_a_token_stays_the_same_until_its_last_five_minutes(fake_wechat, token):
    first = token()
    fake_wechat.pass_time(6800)
    second = token()
    fake_wechat.pass_time(101)
    third = token()

    assert first["expires_in"] == 7200
    assert second["access_token"] == first["access_token"] != third["access_token"]
    assert 300 <= second["expires_in"] <= 400


def test_a_token_and_its_successor_are_good_together_until_the_old_one_dies(fake_wechat, http, token):
    old = token()["access_token"]
    fake_wechat.pass_time(6901)
    new = token()["access_token"]
    together = [ask_quota(http, one) for one in (old, new)]
    fake_wechat.pass_time(300)

    assert (together, [ask_quota(http, one) for one in (old, new)]) == ([0, 0], [42001, 0])


def test_a_forced_token_ends_the_old_one_at_once(http, token):
    old, new = token()["access_token"], token(force_refresh=True)["access_token"]

    assert [ask_quota(http, one) for one in (old, new)] == [40001, 0]


def test_forcing_is_possible_every_thirty_seconds_and_twenty_times_a_day(fake_wechat, token):
    told = [token(force_refresh=True).get("errcode") for _ in range(2)]
    for _ in range(19):
        fake_wechat.pass_time(30)
        told.append(token(force_refresh=True).get("errcode"))
    fake_wechat.pass_time(30)
    told.append(token(force_refresh=True).get("errcode"))
    fake_wechat.pass_time(86400)
    told.append(token(force_refresh=True).get("errcode"))

    assert told == [None, 45011] + [None] * 19 + [45009, None]


@pytest.mark.parametrize(("body", "errcode"), [(b"", 44002), (b"appid=wx0", 47001), (b"[]", 47001), (b"\xff", 47001)])
def test_a_token_is_asked_for_in_json(http, body, errcode):
    assert http.post(TOKEN, content=body).json()["errcode"] == errcode


@pytest.mark.parametrize(
    ("method", "path", "errcode"),
    [("GET", TOKEN, 43002), ("POST", SIGN_IN, 43001), ("GET", "/nowhere", 40066), ("GET", CHECK, 41001)],
)
def test_a_call_in_the_wrong_way_is_told_so(http, method, path, errcode):
    assert http.request(method, path).json()["errcode"] == errcode


def test_the_quota_counts_what_was_called(http, token):
    tokens = [token()["access_token"] for _ in range(3)]
    pass_on = {"access_token": tokens[0]}

    told = http.post(QUOTA, params=pass_on, json={"cgi_path": TOKEN}).json()

    assert told["quota"] == {"daily_limit": 500_000, "used": 3, "remain": 499_997}
    assert http.post(QUOTA, params=pass_on, json={"cgi_path": "/x"}).json()["errcode"] == 76021


def test_a_fault_strikes_as_often_as_ordered(fake_wechat, sign_in):
    fake_wechat.fault("bad_gateway", times=2)

    assert [sign_in("dev-wangnainai").status_code for _ in range(3)] == [502, 502, 200]


def test_faults_strike_in_the_order_they_were_ordered(fake_wechat, sign_in):
    fake_wechat.fault("errcode", errcode=40164)
    fake_wechat.fault("errcode", errcode=45009)

    assert [sign_in("dev-wangnainai").json().get("errcode") for _ in range(3)] == [40164, 45009, None]


def test_a_fault_strikes_where_it_was_ordered(fake_wechat, sign_in, token):
    fake_wechat.fault("errcode", errcode=40164, path=TOKEN)

    assert "openid" in sign_in("dev-wangnainai").json()
    assert token()["errcode"] == 40164


def test_an_errcode_means_that_nothing_was_done(fake_wechat, sign_in):
    code = fake_wechat.new_code("oWang")
    fake_wechat.fault("errcode", errcode=-1)

    assert [sign_in(code).json().get("errcode") for _ in range(2)] == [-1, None]


def test_a_reset_cuts_the_line_after_the_work_was_done(fake_wechat, sign_in):
    code = fake_wechat.new_code("oWang")
    fake_wechat.fault("reset")

    with pytest.raises(httpx.ReadError):
        sign_in(code)

    assert sign_in(code).json()["errcode"] == 40163


def test_a_hang_never_answers(fake_wechat, http):
    fake_wechat.fault("hang")

    with pytest.raises(httpx.ReadTimeout):
        http.get(SIGN_IN, timeout=0.3)


def test_a_delay_answers_late(fake_wechat, http, app_of):
    fake_wechat.fault("delay", seconds=2)

    with pytest.raises(httpx.ReadTimeout):
        http.get(SIGN_IN, timeout=0.2)

    while not fake_wechat.calls(SIGN_IN):
        time.sleep(0.01)


def test_half_an_answer_is_no_json(fake_wechat, sign_in):
    fake_wechat.fault("truncated")

    with pytest.raises(ValueError, match="char"):
        sign_in("dev-wangnainai").json()


def test_a_bad_gateway_talks_html(fake_wechat, sign_in):
    fake_wechat.fault("bad_gateway")

    assert sign_in("dev-wangnainai").text.startswith("<html>")


def test_a_wrong_content_type_is_on_the_right_answer(fake_wechat, sign_in):
    fake_wechat.fault("wrong_content_type")

    answer = sign_in("dev-wangnainai")

    assert (answer.headers["content-type"], answer.json()["openid"]) == ("text/html", openid_of("wangnainai"))


def test_numbers_come_in_quotes_when_ordered(fake_wechat, token):
    fake_wechat.fault("numbers_as_strings")

    assert token()["expires_in"] == "7200"


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "earthquake"},
        {"kind": "hang", "times": 0},
        {"kind": "hang", "times": 1001},
        {"kind": "hang", "times": "often"},
        {"kind": "delay", "seconds": 61},
        {"kind": "hang", "color": "red"},
        {},
    ],
    ids=str,
)
def test_a_fault_that_does_not_exist_cannot_be_ordered(http, sign_in, wanted):
    assert http.post("/admin/faults", json=wanted).status_code == 400
    assert "openid" in sign_in("dev-wangnainai").json()


def test_faults_waiting_are_limited(http):
    told = [http.post("/admin/faults", json={"kind": "hang"}).status_code for _ in range(101)]

    assert told == [200] * 100 + [400]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/admin/nowhere", b"{}", 404),
        ("/admin/codes", b"{}", 400),
        ("/admin/codes", b"[]", 400),
        ("/admin/clock", b'{"seconds":"soon"}', 400),
        ("/admin/clock", b'{"seconds":null}', 400),
        ("/alarms", b"help", 400),
        ("/alarms", b"x" * 1_000_001, 413),
    ],
)
def test_nonsense_is_told_to_be_nonsense(http, path, body, status):
    assert http.post(path, content=body).status_code == status


def test_every_call_is_remembered_whole(fake_wechat, sign_in, token):
    signed_in, given = sign_in("dev-wangnainai").json(), token()

    first, second = fake_wechat.calls()
    assert (first["method"], first["path"], first["query"]["js_code"]) == ("GET", SIGN_IN, "dev-wangnainai")
    assert (first["answer"], second["answer"]) == (signed_in, given)
    assert fake_wechat.app_secret in second["body"]


def test_a_reset_fake_has_forgotten_everything(fake_wechat, http, sign_in, token):
    code, old = fake_wechat.new_code("oWang"), token()["access_token"]
    http.post("/alarms", json={"text": "help"})
    fake_wechat.pass_time(50)
    fake_wechat.fault("hang")

    fake_wechat.reset()

    assert (fake_wechat.calls(), fake_wechat.alarms()) == ([], [])
    assert (sign_in(code).json()["errcode"], ask_quota(http, old)) == (40029, 40001)


def test_an_alarm_is_kept_and_shown_on_the_console(fake_wechat, http):
    answer = http.post("/alarms", json={"phone": "0830-0000000", "text": "有人\x1b[2J需要帮助"})

    assert answer.status_code == 202
    assert fake_wechat.alarms() == [{"phone": "0830-0000000", "text": "有人\x1b[2J需要帮助"}]
    assert r'ALARM {"phone": "0830-0000000", "text": "有人\u001b[2J需要帮助"}' in fake_wechat.console()


def test_the_newest_two_hundred_alarms_are_kept(fake_wechat, http):
    for number in range(201):
        http.post("/alarms", json={"number": number})

    assert [alarm["number"] for alarm in fake_wechat.alarms()] == list(range(1, 201))


def test_trouble_at_wechat_does_not_reach_the_alarm_gateway(fake_wechat, http):
    fake_wechat.fault("bad_gateway")

    assert http.post("/alarms", json={"text": "help"}).status_code == 202


@pytest.mark.parametrize(("kind", "status", "kept"), [("errcode", 503, 0), ("bad_gateway", 502, 1)])
def test_the_alarm_gateway_can_be_in_trouble_too(fake_wechat, http, kind, status, kept):
    fake_wechat.fault(kind, path="/alarms")

    assert http.post("/alarms", json={"text": "help"}).status_code == status
    assert len(fake_wechat.alarms()) == kept


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_fake_leaves_nothing_even_when_somebody_hangs_on_it(tmp_path, how):
    console = tmp_path / "console"
    process = start_fake(console)
    fake = FakeWeChat(address_of(process, console), console)
    fake.fault("hang")
    with socket.create_connection(("127.0.0.1", httpx.URL(fake.url).port), timeout=0.2) as line:
        line.sendall(b"GET /sns/jscode2session HTTP/1.1\r\nHost: fake\r\n\r\n")
        with pytest.raises(TimeoutError):
            line.recv(1)
        process.send_signal(how)
        assert process.wait(timeout=300) == 0

    assert "Traceback" not in console.read_text()
    with pytest.raises(httpx.ConnectError):
        fake.calls()
    fake.close()
