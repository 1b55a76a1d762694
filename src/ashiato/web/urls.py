"""Every address of the console; each view says who may open it (``door``)."""

from __future__ import annotations

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.usersessions import views as sessions
from django.conf.urls.i18n import urlpatterns as of_language
from django.urls import URLPattern, URLResolver, include, path, re_path

from ashiato.web import entering
from ashiato.web.api import ending
from ashiato.web.api.routes import api
from ashiato.web.console import (
    alarms,
    cases,
    confirming,
    drafts,
    duties,
    evidence,
    health,
    ledger,
    message,
    notices,
    over,
    overview,
    pair,
    people,
    person,
    pictures,
    pins,
    plan,
    planning,
    plans,
    releasing,
    retention,
    reviews,
    runs,
    stopping,
    texts,
    tokens,
    uploads,
)
from ashiato.web.desk import calls, leading, listing

ending.listen()
entering.listen()
#: Sign-in as the library has it; what mails, signs up or changes addresses is left out.
_OF_STAFF = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    re_path(
        r"^password/set/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/set/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", reauthentication_required(sessions.list_usersessions), name="usersessions_list"),
    path("tokens/", tokens.show_tokens, name="tokens"),
]
_OF_A_CASE: list[URLPattern] = [
    path("", overview.show_overview, name="overview"),
    path("people/", people.list_people, name="people"),
    path("person/", person.show_person, name="person"),
    path("person/unmasked/", person.unmask_person, name="person_unmasked"),
    path("reviews/", reviews.list_reviews, name="reviews"),
    path("reviews/pair/", pair.show_pair, name="pair"),
    path("reviews/pair/unmasked/", pair.unmask_pair, name="pair_unmasked"),
    path("reviews/decide/", reviews.decide_review, name="decide_pair"),
    path("pins/", pins.show_pins, name="pins"),
    path("pins/pin/", pins.pin, name="pin"),
    path("pins/unpin/", pins.unpin, name="unpin"),
    path("pictures/", pictures.show_pictures, name="pictures"),
    path("pictures/<slug:name>.json", pictures.tell_picture, name="picture"),
    path("pictures/<slug:name>.csv", pictures.download_picture, name="picture_csv"),
    path("duties/", duties.show_duties, name="duties"),
    path("duties/confirm/", confirming.confirm, name="confirm_duties"),
    path("duties/decision/<int:number>/", confirming.show_decision, name="decision"),
    path("drafts/", drafts.list_drafts, name="drafts"),
    path("drafts/<slug:kind>/", drafts.show_draft, name="draft"),
    path("drafts/<slug:kind>/approve/", drafts.approve, name="approve_draft"),
    path("drafts/<slug:kind>.<slug:ending>", drafts.download_draft, name="draft_file"),
    path("notices/", notices.show_notices, name="notices"),
    path("notices/text/", texts.show_text, name="notice_text"),
    path("notices/text/approve/", releasing.approve_text, name="approve_text"),
    path("notices/wave/approve/", releasing.approve_wave, name="approve_wave"),
    path("notices/gate/", releasing.set_gate, name="set_gate"),
    path("notices/send/", releasing.send_notices, name="send_notices"),
    path("notices/sending/", notices.tell_sending, name="sending_state"),
    path("notices/plan/", planning.show_planning, name="planning"),
    path("notices/plan/state/", planning.tell_planning, name="planning_state"),
    path("notices/plan/text/", planning.take_text, name="take_text"),
    path("notices/plan/people/", planning.plan_notices, name="plan_notices"),
    path("notices/plan/waves/", planning.make_waves, name="make_waves"),
    path("notices/message/", message.show_message, name="message"),
    path("notices/message/unmasked/", message.unmask_message, name="message_unmasked"),
    path("evidence/", evidence.list_evidence, name="evidence"),
    path("uploads/", uploads.announce_upload, name="uploads"),
    path("uploads/state/", uploads.tell_uploads, name="uploads_state"),
    path("uploads/<slug:name>/", uploads.take_upload, name="upload"),
    path("uploads/<slug:name>/finish/", uploads.finish_upload, name="upload_finish"),
    path("uploads/<slug:name>/discard/", uploads.discard_upload, name="upload_discard"),
    path("runs/", runs.show_runs, name="runs"),
    path("runs/counts.csv", runs.download_counts, name="run_counts"),
    path("runs/state/", runs.tell_state, name="run_state"),
    path("runs/start/", runs.start_run, name="run_start"),
    path("runs/cancel/", runs.cancel_run, name="run_cancel"),
    path("alarms/", alarms.list_alarms, name="alarms"),
    path("alarms/<int:number>/", alarms.show_alarm, name="alarm"),
    path("alarms/<int:number>/acknowledge/", alarms.acknowledge_alarm, name="acknowledge_alarm"),
    path("alarms/<int:number>/note/", alarms.note_alarm, name="note_alarm"),
    path("plans/", plans.list_plans, name="plans"),
    path("plans/propose/", plans.propose_plan, name="propose_plan"),
    path("plans/halt/", stopping.halt, name="halt"),
    path("plans/<int:number>/", plan.show_plan, name="plan"),
    path("plans/<int:number>/state/", plan.tell_state, name="plan_state"),
    path("plans/<int:number>/approve/", stopping.approve_plan, name="approve_plan"),
    path("plans/<int:number>/refuse/", stopping.refuse_plan, name="refuse_plan"),
    path("plans/<int:number>/ask/", stopping.ask_deed, name="ask_deed"),
    path("over/", over.show_over, name="over"),
    path("over/close/", over.close_way, name="close_way"),
    path("over/reopen/", over.reopen_way, name="reopen_way"),
    path("ledger/", ledger.show_ledger, name="ledger"),
    path("retention/", retention.show_retention, name="retention"),
    path("desk/", listing.show_desk, name="desk"),
    path("desk/lead/", leading.lead_desk, name="desk_lead"),
    path("desk/<int:number>/", calls.show_contact, name="desk_contact"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", cases.list_cases, name="cases"),
    path("healthz", health.tell_health, name="health"),
    path("account/", include(_OF_STAFF)),
    path("alarms/<int:number>/", alarms.find_alarm, name="find_alarm"),
    path("cases/<slug:case>/", include(_OF_A_CASE)),
    # Reports of providers and gateways: each proves itself, by password and signature.
    path("hooks/", include("ashiato.web.hooks")),
    path("api/v1/", api.urls),
    *of_language,
]
