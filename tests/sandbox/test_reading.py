"""Reading back: posts, lists, figures."""

import json
from typing import Any

import requests

from tests.sandbox.conftest import Graph, code_of, jpeg
from tests.servers import MediaServer, SandboxProcess

ALL = "views,reach,likes,comments,saved,shares,total_interactions"


def by_hand(sandbox: SandboxProcess, graph: Graph, caption: str, age_s: float = 0, **more: Any) -> str:
    wish = {"account_id": graph.id, "caption": caption, "age_s": age_s, **more}
    return str(sandbox.admin("posts", wish)["id"])


def figures(graph: Graph, post: str, metric: str = ALL) -> dict[str, int]:
    data = graph.get(f"{post}/insights", metric=metric)["data"]
    return {entry["name"]: entry["values"][0]["value"] for entry in data}


def test_a_post_says_where_it_is(sandbox: SandboxProcess, graph: Graph, media: MediaServer) -> None:
    post = graph.publish(graph.finished(image_url=media.add("a.jpg", jpeg()), caption="Halo"))["id"]
    shown = graph.get(post, fields="permalink,shortcode,timestamp,caption,media_product_type,like_count")
    assert shown["permalink"] == f"https://www.instagram.com/p/{shown['shortcode']}/"
    assert (shown["caption"], shown["media_product_type"], shown["id"]) == ("Halo", "FEED", post)
    page = requests.get(f"{sandbox.url}/www.instagram.com/p/{shown['shortcode']}/", timeout=5)
    assert "Halo" in page.text
    assert "Platform latihan" in page.text
    assert requests.get(f"{sandbox.url}/www.instagram.com/p/nothing/", timeout=5).status_code == 404


def test_an_unknown_field_fails_the_call(graph: Graph) -> None:
    assert code_of(graph.get("me", fields="id,shoe_size")) == (100, None)


def test_the_list_is_newest_first_with_posts_by_hand_between(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    old = by_hand(sandbox, graph, "lama", age_s=3600)
    mine = graph.publish(graph.finished(image_url=media.add("a.jpg", jpeg()), caption="punya kami"))["id"]
    new = by_hand(sandbox, graph, "baru")
    listed = graph.get(f"{graph.id}/media", fields="id,caption")["data"]
    assert [post["id"] for post in listed] == [new, mine, old]
    assert [post["caption"] for post in listed] == ["baru", "punya kami", "lama"]


def test_pages_together_are_the_whole_list(sandbox: SandboxProcess, graph: Graph) -> None:
    made = [by_hand(sandbox, graph, f"{n}", age_s=n * 60) for n in range(7)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = graph.get(f"{graph.id}/media", limit=3, **after)
        seen += [post["id"] for post in page["data"]]
        if "next" not in page["paging"]:
            break
        after = {"after": page["paging"]["cursors"]["after"]}
    assert seen == made
    back = graph.get(f"{graph.id}/media", limit=2, before=page["paging"]["cursors"]["before"])
    assert [post["id"] for post in back["data"]] == made[4:6]


def test_the_next_link_leads_to_the_next_page(sandbox: SandboxProcess, graph: Graph) -> None:
    made = [by_hand(sandbox, graph, f"{n}", age_s=n * 60) for n in range(3)]
    first = graph.get(f"{graph.id}/media", limit=2, fields="caption")
    link = first["paging"]["next"].replace("https:/", sandbox.url)
    assert graph.token not in link
    rest = requests.get(link, headers={"Authorization": f"Bearer {graph.token}"}, timeout=5).json()
    assert rest["data"] == [{"caption": "2", "id": made[2]}]


def test_since_and_until_bound_the_list(sandbox: SandboxProcess, graph: Graph) -> None:
    now = int(sandbox.admin("clock")["now"])
    middle = [by_hand(sandbox, graph, f"{age}", age_s=age) for age in (30, 600, 6000)][1]
    listed = graph.get(f"{graph.id}/media", since=now - 1000, until=now - 100)["data"]
    assert listed == [{"id": middle}]


def test_odd_bounds_are_refused(sandbox: SandboxProcess, graph: Graph) -> None:
    for wrong in ({"limit": "²"}, {"since": "²"}, {"after": "%%"}, {"limit": 0}):
        assert code_of(graph.get("me/media", **wrong)) == (100, None)
    assert code_of(graph.get("me/insights", metric="reach", since="nan")) == (100, None)


def test_many_ids_are_read_at_once_and_one_bad_id_fails_all(sandbox: SandboxProcess, graph: Graph) -> None:
    first, second = by_hand(sandbox, graph, "a"), by_hand(sandbox, graph, "b")
    both = graph.get("", ids=f"{first},{second}", fields="caption")
    assert {key: post["caption"] for key, post in both.items()} == {first: "a", second: "b"}
    assert code_of(graph.get("", ids=f"{first},1")) == (100, 33)


def test_another_account_sees_nothing_of_it(sandbox: SandboxProcess, graph: Graph) -> None:
    post = by_hand(sandbox, graph, "punya kami")
    other = Graph(sandbox, sandbox.account("lain"))
    assert code_of(other.get(post)) == (100, 33)
    assert code_of(other.get(f"{post}/insights", metric="reach")) == (100, 33)
    assert other.get("me/media")["data"] == []


def test_insights_are_empty_before_their_delay(sandbox: SandboxProcess, graph: Graph) -> None:
    sandbox.admin("settings", {"insights_delay_s": 600})
    post = by_hand(sandbox, graph, "a")
    assert graph.get(f"{post}/insights", metric="reach") == {"data": []}
    sandbox.admin("clock", {"offset_s": 601})
    assert figures(graph, post, "reach")["reach"] > 0


def test_one_unknown_metric_fails_the_whole_call(sandbox: SandboxProcess, graph: Graph) -> None:
    post = by_hand(sandbox, graph, "a", age_s=3600)
    reply = graph.ask("GET", f"{post}/insights", metric="reach,impressions")
    assert (reply.status_code, code_of(reply.json())) == (400, (100, None))
    assert graph.get(f"{post}/insights", metric="reach")["data"][0]["period"] == "lifetime"


def test_figures_grow_and_fit_together(sandbox: SandboxProcess, graph: Graph) -> None:
    post = by_hand(sandbox, graph, "a")
    seen = []
    for offset in (60, 600, 6000, 600_000):
        sandbox.admin("clock", {"offset_s": offset})
        seen.append(figures(graph, post))
    for name in ("reach", "views", "likes"):
        values = [each[name] for each in seen]
        assert values == sorted(values)
        assert values[0] < values[-1]
    last = seen[-1]
    assert last["likes"] <= last["reach"] <= last["views"]
    assert graph.get(post, fields="like_count,comments_count") == {
        "id": post,
        "like_count": last["likes"],
        "comments_count": last["comments"],
    }


def test_set_figures_stand_as_they_are(sandbox: SandboxProcess, graph: Graph) -> None:
    post = by_hand(sandbox, graph, "a", age_s=3600)
    sandbox.admin(f"posts/{post}/figures", {"reach": 1234})
    assert figures(graph, post, "reach") == {"reach": 1234}


def test_comments_are_as_many_as_the_figure_says(sandbox: SandboxProcess, graph: Graph) -> None:
    post = by_hand(sandbox, graph, "a", age_s=60_000)
    before = graph.get(post, fields="comments_count")["comments_count"]
    graph.post(f"{post}/comments", message="Terima kasih")
    listed = graph.get(f"{post}/comments", fields="text,username,timestamp")["data"]
    assert len(listed) == graph.get(post, fields="comments_count")["comments_count"] == before + 1
    assert listed[0]["text"] == "Terima kasih"


def test_the_account_tells_followers_and_daily_figures(sandbox: SandboxProcess, graph: Graph) -> None:
    assert graph.get("me", fields="user_id,followers_count")["followers_count"] == 2400
    asked = {"period": "day", "metric_type": "total_value", "metric": "reach,views"}
    day = graph.get("me/insights", **asked, since=1_790_000_000, until=1_790_086_400)
    assert [entry["name"] for entry in day["data"]] == ["reach", "views"]
    assert day == graph.get("me/insights", **asked, since=1_790_000_000, until=1_790_086_400)
    assert graph.get("me/insights", **asked, since=1_790_000_000, until=1_790_000_000) == {}
    series = graph.get("me/insights", metric="reach", since=1_790_000_000, until=1_790_259_200)
    assert len(series["data"][0]["values"]) == 3


def test_a_story_is_not_in_the_list_and_its_insights_end(
    sandbox: SandboxProcess, graph: Graph, media: MediaServer
) -> None:
    url = media.add("s.jpg", jpeg((1080, 1920)))
    story = graph.publish(graph.finished(media_type="STORIES", image_url=url))["id"]
    assert graph.get("me/media")["data"] == []
    assert graph.get("me/stories")["data"] == [{"id": story}]
    assert code_of(graph.get(f"{story}/insights", metric="reach")) == (10, None)
    sandbox.admin("clock", {"offset_s": 3600})
    assert figures(graph, story, "reach")["reach"] > 5
    assert code_of(graph.get(f"{story}/insights", metric="likes")) == (100, None)
    sandbox.admin("clock", {"offset_s": 90_000})
    assert graph.get(f"{story}/insights", metric="reach") == {"data": []}


def test_usage_is_told_and_the_limit_is_kept(sandbox: SandboxProcess, graph: Graph) -> None:
    sandbox.admin("settings", {"account_calls_per_hour": 4})
    replies = [graph.ask("GET", "me") for _ in range(5)]
    assert [reply.status_code for reply in replies] == [200] * 4 + [400]
    assert code_of(replies[-1].json()) == (80002, None)
    told = [json.loads(graph.ask("GET", "me").headers["X-Business-Use-Case-Usage"])[graph.id][0] for _ in range(3)]
    assert [one["call_count"] for one in told] == [100] * 3
    assert told[0]["estimated_time_to_regain_access"] == 60
    sandbox.admin("clock", {"offset_s": 3700})
    assert graph.ask("GET", "me").status_code == 200
    sandbox.admin("settings", {"account_calls_per_hour": 40_000})
