"""Token buckets: how often an address, and all together, may do something."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import RequestFactory

from carenav.plumbing.throttle import buckets, network
from carenav.plumbing.throttle.models import Bucket
from carenav.plumbing.throttle.rates import Limit, Rate
from tests.support.clock import Clock

SECOND = timedelta(seconds=1)
SMALL = Limit("small", own=Rate(3, 10 * SECOND), total=Rate(6, 5 * SECOND))


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


def request_from(address: str, **headers: str):
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


def ask(number: int) -> int:
    return buckets.seconds_to_wait(SMALL, request_from(f"203.0.113.{number}"))


# ---- counting


@pytest.mark.django_db
def test_an_address_has_its_burst_and_then_one_at_a_time(clock):
    assert [ask(1) for _ in range(4)] == [0, 0, 0, 10]
    clock.forward(9)
    assert ask(1) == 1
    clock.forward(1)
    assert [ask(1), ask(1)] == [0, 10]


@pytest.mark.django_db
def test_a_refused_request_costs_nothing(clock):
    for _ in range(50):
        ask(1)
    clock.forward(10)
    assert ask(1) == 0


@pytest.mark.django_db
def test_an_idle_address_saves_up_no_more_than_its_burst(clock):
    ask(1)
    clock.forward(100_000)
    assert [ask(1) for _ in range(4)] == [0, 0, 0, 10]


@pytest.mark.django_db
def test_all_together_are_limited_but_a_new_address_is_let_through(clock):
    assert [ask(number) for number in (1, 1, 2, 2, 3, 3)] == [0] * 6
    assert ask(1) == 5
    assert ask(4) == 0
    assert ask(4) == 5


@pytest.mark.django_db
def test_a_limit_that_spares_no_new_address_keeps_its_total(clock):
    strict = replace(SMALL, spares_new=False)
    waits = [buckets.seconds_to_wait(strict, request_from(f"2001:db8:0:{number}::1")) for number in range(8)]
    assert waits == [0] * 6 + [5, 5]


@pytest.mark.django_db
def test_kinds_are_counted_apart():
    for _ in range(3):
        ask(1)
    other = Limit("other", SMALL.own, SMALL.total)
    assert buckets.seconds_to_wait(other, request_from("203.0.113.1")) == 0


@pytest.mark.django_db
def test_a_refusal_says_how_long_to_wait():
    for _ in range(3):
        buckets.admit(SMALL, request_from("203.0.113.1"))
    with pytest.raises(buckets.TooMany) as refused:
        buckets.admit(SMALL, request_from("203.0.113.1"))
    assert refused.value.seconds == 10


@pytest.mark.django_db
def test_only_full_buckets_are_deleted(clock):
    ask(1)
    clock.forward(120)
    ask(2)
    buckets.delete_full()
    assert Bucket.objects.count() == 2  # of the second address, and of all
    clock.forward(120)
    buckets.delete_full()
    assert not Bucket.objects.exists()


@pytest.mark.django_db
def test_no_address_is_stored():
    ask(1)
    assert "203.0.113" not in repr([*Bucket.objects.values_list()])


# ---- addresses


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.6:40001", "203.0.113.6:40002"),
        ("203.0.113.6:40001", "203.0.113.6"),
        ("[2001:db8::1]:4001", "[2001:db8::1]:4002"),
        ("[2001:db8::1]:4001", "2001:db8::2"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("::ffff:203.0.113.6", "203.0.113.6"),
        ("fe80::1%eth0", "fe80::1"),
        ("no address", "another one"),
        ("203.0.113.6, nonsense", "evil, nonsense too"),
    ],
)
def test_callers_that_count_as_one(settings, one, other):
    settings.PRODUCTION = True
    forwarded = [request_from("127.0.0.1", **{"X-Forwarded-For": each}) for each in (one, other)]
    assert network.address_of(forwarded[0]) == network.address_of(forwarded[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [("203.0.113.6:1", "203.0.113.7:1"), ("2001:db8:1:2::1", "2001:db8:1:3::1")],
)
def test_callers_that_count_apart(settings, one, other):
    settings.PRODUCTION = True
    forwarded = [request_from("127.0.0.1", **{"X-Forwarded-For": each}) for each in (one, other)]
    assert network.address_of(forwarded[0]) != network.address_of(forwarded[1])


def test_the_address_that_the_proxy_adds_is_the_one_that_counts(settings):
    settings.PRODUCTION = True
    request = request_from("127.0.0.1", **{"X-Forwarded-For": "198.51.100.1, 203.0.113.6"})
    assert network.network_address(request) == "203.0.113.6"


def test_a_caller_from_the_internet_cannot_choose_its_address(settings):
    settings.PRODUCTION = True
    request = request_from("8.8.4.4", **{"X-Forwarded-For": "198.51.100.1"})
    assert network.network_address(request) == "8.8.4.4"


@pytest.mark.parametrize("near", ["127.0.0.1", "::1", "", "10.0.0.5", "10.0.0.5:41000"])
def test_a_proxy_nearby_is_believed(settings, near):
    settings.PRODUCTION = True
    request = request_from(near, **{"X-Forwarded-For": "203.0.113.6"})
    assert network.network_address(request) == "203.0.113.6"


def test_programs_on_this_machine_are_not_limited_but_whom_a_proxy_reports_is(settings):
    settings.PRODUCTION = True
    assert network.is_on_this_machine(request_from("127.0.0.1"))
    assert not network.is_on_this_machine(request_from("127.0.0.1", **{"X-Forwarded-For": "127.0.0.1"}))
    assert not network.is_on_this_machine(request_from("127.0.0.1", **{"X-Forwarded-For": "x"}))
    assert not network.is_on_this_machine(request_from("203.0.113.6"))
