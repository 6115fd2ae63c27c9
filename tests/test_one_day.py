"""The story of a need over HTTP: submitted, accepted, referred, returned, resolved, rated, called back, closed."""


async def test_need_is_submitted_returned_resolved_rated_and_closed(phone_of, phone_of_staff, town, clock, client):
    grandma = await phone_of("wangnainai")
    chen = await phone_of_staff("陈社工", "邻玉社工站")
    zhao = await phone_of_staff("赵站长", "邻玉社工站", head=True)
    zhou = await phone_of_staff("周社工", "蓝田社工站")

    # She chooses her village, whose community room is not open yet; the answer says which station helps.
    found = (await client.get("/api/v1/areas", params={"query": "团结村"})).json()["items"]
    assert (await grandma.put("/me/home", {"area_id": found[0]["id"]})).status_code == 200
    answer = await grandma.post("/needs", {
        "category": "elder_care", "text": "我一个人住，腿脚不便，想请人帮忙买药。",
        "contact_name": "王秀英", "contact_phone": "138 1234 5678", "help_times": "上午",
    })  # fmt: skip
    assert answer.status_code == 201, answer.text
    need = answer.json()
    assert need["station"]["name"] == "邻玉社工站"
    assert "筹建" in need["route"]
    assert need["allowed_actions"] == ["withdrawal", "reminders", "messages"]

    # The social worker finds the need with masked contact, and accepts it.
    [row] = (await chen.get("/station/needs", params={"status": "submitted"})).json()["items"]
    assert (row["name"], row["phone"]) == ("王**", "138****5678")
    path = f"/station/needs/{need['id']}"
    opened = (await chen.get(path)).json()
    assert opened["first_worker"] == "陈社工"
    assert (await chen.post(f"{path}/acceptance")).json()["status"] == "accepted"

    # The head assigns it; it is referred to the neighbour station, which returns it.
    assert (await zhao.post(f"{path}/assignment", {"worker_id": chen.person_id})).status_code == 200
    referral = {"station_id": town.stations["蓝田社工站"].id, "reason": "女儿说已搬到蓝田"}
    assert (await chen.post(f"{path}/referral", referral)).json()["status"] == "referred"
    bounced = await zhou.post(f"{path}/referral-return", {"reason": "老人仍住在邻玉"})
    assert bounced.json()["status"] == "assigned"
    assert (await zhou.get(path)).status_code == 404

    # The worker reads her phone number, serves and resolves the need.
    clock.forward(hours=1)
    contact = await chen.post(f"{path}/contact", {"reason": "上门前电话联系"})
    assert contact.json()["phone"] == "13812345678"
    assert (await chen.post(f"{path}/start")).status_code == 200
    done = {"outcome": "已代购药品并送到家中。", "service_minutes": 40}
    assert (await chen.post(f"{path}/resolution", done)).json()["status"] == "resolved"

    # Two stars: it goes to the head, and another worker will call back.
    clock.forward(hours=2)
    rated = await grandma.put(
        f"/needs/{need['id']}/rating", {"solved": "partly", "stars": 2, "tags": [], "comment": "药买错了"}
    )
    assert rated.status_code == 200, rated.text
    again = (await grandma.get(f"/needs/{need['id']}")).json()
    assert again["status"] == "reopened"
    [call] = (await zhao.get("/station/call-backs")).json()["items"]
    assert (await chen.get("/station/call-backs")).json()["items"] == []
    assert (await zhao.post(f"{path}/start")).status_code == 200
    assert (await zhao.post(f"{path}/resolution", {"outcome": "已换好药。"})).status_code == 200
    result = {"reached": True, "satisfied": True, "note": "已换药，满意"}
    called = await _colleague_of_handler(phone_of_staff)
    assert (await called.post(f"/station/call-backs/{call['id']}/result", result)).status_code == 200

    # After fifteen days without a rating the job closes the need, without stars.
    from server.domain.needs import schedule

    await schedule.do_due_actions(need["id"], now=clock.forward(days=15))
    closed = (await grandma.get(f"/needs/{need['id']}")).json()
    assert closed["status"] == "closed"

    # She reads on the timeline what happened, and who read her phone number.
    story = "\n".join(line["actor"] + "：" + line["message"] for line in closed["timeline"])
    for words in (
        "您：需求已提交",
        "受理",
        "已安排陈社工",
        "仍住在邻玉",
        "查看了您的联系方式",
        "已代购药品",
        "回访",
        "归档",
    ):
        assert words in story, story
    unread = (await grandma.get("/me/notifications")).json()["unread"]
    assert unread >= 4


async def _colleague_of_handler(phone_of_staff):
    return await phone_of_staff("林社工", "邻玉社工站")


async def test_slip_of_counter_need_shows_no_personal_data(phone_of_staff, town, client):
    chen = await phone_of_staff("陈社工", "邻玉社工站")
    entered = await chen.post("/station/needs", {
        "channel": "counter", "category": "counselling", "text": "刘大爷最近总说睡不着。", "contact_name": "刘福贵",
        "contact_phone": "0830-2345678", "area_id": town.areas["团结村"].id,
    })  # fmt: skip
    assert entered.status_code == 201, entered.text
    sheet = await chen.get(f"/station/needs/{entered.json()['id']}/slip")
    code = sheet.text.split("<span class=code>")[1].split("<")[0]

    state = await client.get(f"/api/v1/slips/{code.replace(' ', '')}")
    page = await client.get(f"/api/v1/slips/{code.replace(' ', '')}/page")

    assert state.json()["status_words"] == "待受理"
    for text in (sheet.text, state.text, page.text):
        assert not any(secret in text for secret in ("刘福贵", "2345678", "睡不着", "心理"))
    assert (await client.get("/api/v1/slips/ZZZZZZZZZZ")).status_code == 404
