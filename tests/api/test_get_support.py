"""GET /api/support."""

import pytest


def test_nobody_is_named_by_default(client):
    assert client.get("/api/support").ok() == {"contact": None}


@pytest.mark.parametrize("contact", ["mailto:help@example.com", "https://example.com/help?a=1"])
def test_the_contact_of_this_installation(launch, contact):
    platform = launch(SUPPORT_CONTACT=contact)
    assert platform.client.get("/api/support").ok() == {"contact": contact}
