"""The tests themselves cannot reach another machine."""

import socket

import pytest


def test_another_machine_cannot_be_reached():
    with socket.socket() as mine, pytest.raises(AssertionError, match="tried to reach 192"):
        mine.connect(("192.0.2.1", 80))


def test_a_name_cannot_be_looked_up():
    with pytest.raises(AssertionError, match="tried to look up"):
        socket.getaddrinfo("carenav.example", 80)


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
