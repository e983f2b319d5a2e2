"""A mail provider hands on mail. Whoever can't prove to be the provider achieves nothing, and learns nothing."""

import base64
import json
import time
from datetime import datetime, timedelta, timezone

import frappe
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from crm_transparency.ringers import inbound_signatures, inbound_webhook
from crm_transparency.ringers.documents import INBOUND_MESSAGE
from tests.people_and_accounts import acting_as, make_user
from tests.ringers import endpoints
from tests.ringers.watched import look, mail, make_reader, plant, sightings

pytestmark = pytest.mark.usefixtures("evidence_goes")

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"


@pytest.fixture
def secret() -> str:
	secret = inbound_webhook.new_secret()
	settings = frappe.get_doc(inbound_webhook.WEBHOOK_SETTINGS)
	settings.mailgun_signing_key = endpoints.SIGNING_KEY
	settings.sns_topic = TOPIC
	settings.save()
	return secret


@pytest.fixture
def marina():
	return plant()


def test_a_signed_delivery_is_a_sighting(secret, marina):
	body = endpoints.ours(marina.email, mail(marina.email))
	endpoints.deliver(body, endpoints.signed(body, secret))
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.came_by, sighting.sender) == ("Webhook", "sales@rival.example")


@pytest.mark.parametrize(
	"spoil",
	[
		lambda body, headers: (body + b" ", headers),
		lambda body, headers: (body, {}),
		lambda body, headers: (body, {**headers, "X-Transparency-Signature": "sha256=" + "0" * 64}),
		lambda body, headers: (body, {**headers, "X-Transparency-Timestamp": "soon"}),
		lambda body, headers: (body, {**headers, "X-Transparency-Signature": "é"}),
	],
)
def test_what_is_not_signed_by_our_provider_is_not_taken(secret, marina, spoil):
	body = endpoints.ours(marina.email, mail(marina.email))
	endpoints.deliver(*spoil(body, endpoints.signed(body, secret)))
	look()
	assert not sightings(marina.ringer)
	assert not frappe.db.count(INBOUND_MESSAGE)


def test_what_is_not_taken_leaves_no_file(secret, marina, evidence_goes):
	endpoints.deliver(endpoints.ours(marina.email, mail(marina.email)))
	frappe.db.after_commit.run()
	assert not list(evidence_goes.iterdir())


@pytest.mark.parametrize("seconds", [-301, 330])
def test_a_delivery_is_only_accepted_for_some_minutes(secret, marina, seconds):
	body = endpoints.ours(marina.email, mail(marina.email))
	endpoints.deliver(body, endpoints.signed(body, secret, str(int(time.time()) + seconds)))
	look()
	assert not sightings(marina.ringer)


def test_a_delivery_that_is_replayed_is_not_taken_again(secret, marina):
	body = json.dumps({"recipients": [marina.email], "from": "a@rival.example", "text": "x"}).encode()
	headers = endpoints.signed(body, secret)
	for _time in range(2):
		endpoints.deliver(body, headers)
	look()
	assert len(sightings(marina.ringer)) == 1


def test_a_delivery_of_more_than_a_megabyte_is_not_read(secret, marina):
	body = json.dumps({"recipients": [marina.email], "text": "x" * (1 << 20)}).encode()
	endpoints.deliver(body, endpoints.signed(body, secret))
	assert not frappe.db.count(INBOUND_MESSAGE)


def test_a_secret_that_was_replaced_is_worth_nothing(secret, marina):
	inbound_webhook.new_secret()
	body = endpoints.ours(marina.email, mail(marina.email))
	endpoints.deliver(body, endpoints.signed(body, secret))
	assert not frappe.db.count(INBOUND_MESSAGE)


def test_without_a_secret_nothing_is_taken(marina):
	body = endpoints.ours(marina.email, mail(marina.email))
	for guess in ("", "None"):
		endpoints.deliver(body, endpoints.signed(body, guess))
	assert not frappe.db.count(INBOUND_MESSAGE)


@pytest.mark.parametrize("as_form", [True, False])
def test_mailgun(secret, marina, as_form):
	fields = endpoints.mailgun(marina.email)
	if as_form:
		endpoints.deliver_form(fields)
	else:
		endpoints.deliver(json.dumps(fields).encode())
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.sender, sighting.sender_name) == ("offers@rival.example", "Rival Books")
	assert "here is our autumn list" in sighting.content


def test_mailgun_with_another_key(secret, marina):
	endpoints.deliver_form(endpoints.mailgun(marina.email, key="guessed"))
	assert not frappe.db.count(INBOUND_MESSAGE)


def test_postmark(secret, marina):
	body = json.dumps(endpoints.sample("postmark", marina.email)).encode()
	credentials = base64.b64encode(f"postmark:{secret}".encode()).decode()
	endpoints.deliver(body, {"Authorization": f"Basic {credentials}"})
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.sender, sighting.verdict) == ("offers@rival.example", "Open")


@pytest.mark.parametrize("password", ["", "guessed", "é"])
def test_postmark_with_another_password(secret, marina, password):
	body = json.dumps(endpoints.sample("postmark", marina.email)).encode()
	credentials = base64.b64encode(f"postmark:{password}".encode()).decode()
	endpoints.deliver(body, {"Authorization": f"Basic {credentials}"})
	assert not frappe.db.count(INBOUND_MESSAGE)


# Amazon


@pytest.fixture
def amazon(monkeypatch):
	"""Amazon's key, and its certificate where Amazon keeps it."""
	key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
	name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
	now = datetime.now(timezone.utc)
	certificate = (
		x509.CertificateBuilder()
		.subject_name(name)
		.issuer_name(name)
		.public_key(key.public_key())
		.serial_number(1)
		.not_valid_before(now - timedelta(days=1))
		.not_valid_after(now + timedelta(days=1))
		.sign(key, hashes.SHA256())
	)
	fetched = []

	def fetch(address: str) -> bytes:
		fetched.append(address)
		return certificate.public_bytes(serialization.Encoding.PEM)

	monkeypatch.setattr(inbound_signatures, "fetch", fetch)
	frappe.cache.delete_keys("crm_transparency:sns_certificate")
	return frappe._dict(key=key, fetched=fetched)


def notification(amazon, message: str, **values) -> bytes:
	envelope = {
		"Type": "Notification",
		"MessageId": frappe.generate_hash(length=12),
		"TopicArn": TOPIC,
		"Message": message,
		"Timestamp": "2026-11-24T10:02:12.000Z",
		"SignatureVersion": "2",
		"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
		**values,
	}
	signature = amazon.key.sign(inbound_signatures.signed_text(envelope), padding.PKCS1v15(), hashes.SHA256())
	return json.dumps({**envelope, "Signature": base64.b64encode(signature).decode()}).encode()


def test_ses(secret, marina, amazon):
	body = notification(amazon, json.dumps(endpoints.sample("ses", marina.email)))
	endpoints.deliver(body, content_type="text/plain; charset=UTF-8")
	look()
	(sighting,) = sightings(marina.ringer)
	assert (sighting.sender, sighting.sender_name) == ("offers@rival.example", "Rival Books")


@pytest.mark.parametrize(
	"values",
	[
		{"TopicArn": "arn:aws:sns:eu-west-1:999999999999:mail"},
		{"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.rival.example/x.pem"},
		{"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/x.pem"},
		{"SigningCertURL": "https://rival.example/x.pem"},
	],
)
def test_a_notification_that_is_not_amazons_or_not_of_our_topic(secret, marina, amazon, values):
	body = notification(amazon, json.dumps(endpoints.sample("ses", marina.email)), **values)
	endpoints.deliver(body, content_type="text/plain")
	assert not frappe.db.count(INBOUND_MESSAGE)
	assert not amazon.fetched


def test_a_notification_that_was_altered(secret, marina, amazon):
	body = notification(amazon, json.dumps(endpoints.sample("ses", "else@ours.example")))
	endpoints.deliver(body.replace(b"else@ours.example", marina.email.encode()), content_type="text/plain")
	assert not frappe.db.count(INBOUND_MESSAGE)


def test_the_subscription_of_our_topic_is_confirmed(secret, amazon):
	address = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1"
	body = notification(amazon, "Please", Type="SubscriptionConfirmation", SubscribeURL=address, Token="1")
	endpoints.deliver(body, content_type="text/plain")
	assert amazon.fetched[-1] == address
	assert not frappe.db.count(INBOUND_MESSAGE)


# Who keeps the secret


def test_only_ringer_managers_make_and_see_the_secret(secret):
	with acting_as(make_user("Sam", "System Manager")):
		with pytest.raises(frappe.PermissionError):
			inbound_webhook.new_secret()
		assert secret not in frappe.as_json(frappe.get_doc(inbound_webhook.WEBHOOK_SETTINGS))
	assert secret not in str(frappe.db.get_singles_dict(inbound_webhook.WEBHOOK_SETTINGS))
	with acting_as(make_reader()):
		assert inbound_webhook.new_secret() != secret
