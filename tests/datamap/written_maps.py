"""Maps for tests: an agency's, with every key of the written form in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

FULL = """\
name: Minato Agency
zone: Asia/Tokyo
of_age: 20

systems:
  agency:
    engine: mysql
    version: 8.0
    collation: utf8mb4_0900_ai_ci
    encoding: CP932
    zone: Asia/Tokyo
    default_schema: agency
    copies_apart: true
    sql_mode: ANSI_QUOTES
    tables:
      customers:
        key: customer_no
        person: true
        persona: {by: kind, is: {P: policyholder, "1": quote applicant}, otherwise: somebody}
        client: {by: insurer, is: {A01: Aozora Life}}
        states: {past: left_on, deceased: {by: kind, is: [D, "9"]}, protected: care}
        guardian: {table: customers, by: parent_no}
        language: {by: lang, is: {E: en}}
        undeliverable: {letter: returned, mail: {by: mail_state, is: [bounced]}, phone: phone_state}
        updated_at: changed_at
        membership_sensitive: true
        columns:
          customer_no: {type: varchar(10), category: identity, immutable: true}
          name: {category: identity, means: name in kana}
          no: contact
          old_address: {category: contact, contact: at contract}
          parent_no: family
          lang:
          left_on:
          care:
          returned:
          mail_state:
          phone_state:
          kind:
          insurer: contract
          changed_at: {type: timestamp}
      policies:
        key: [branch, policy_no]
        belongs: {table: customers, by: customer_no}
        columns:
          branch: contract
          policy_no: contract
          customer_no: identity
          health: {category: medical, tags: [special care-required, finance-sensitive]}
      calls:
        append_only: true
        belongs: {table: policies, by: [branch, policy_no]}
        columns: {branch: other, policy_no: contract, words: free text}
      staff: {key: login}

routes:
  - path: /customers/{id}
    methods: [GET, HEAD]
    system: agency
    role: staff
    statements:
      - "SELECT * FROM customers WHERE customer_no = '{id}'"
    answer:
      columns: [customers.name, policies.*]
      drops: [customers.kind]
      success: [200, 206]
      prints_errors: true
  - path: /login
    login: true
    answer: nothing

accounts:
  pooled: [web]
  machines: [batch, 192.0.2.7]
  offices: [198.51.100.0/24]
  proxies: [2001:db8::1]
  staff: {chika: claims}
  staff_table: {table: staff, name: login}

sources:
  - files: apache/access_log*
    format: combined
    log_format: '%h %l %u %t "%r" %>s %b'
    zone: UTC
    skew: -1.5s
    system: agency
    covers: true
    fields: {src_endpoint_ip: client.ip}
    success: {result: true, code: 0}
    failure: {result: false}

objects:
  - keys: lists/*.csv
    bucket: agency-share
    copies: objects
    holds: [customers]
    columns: {Kundennr: customers.customer_no}
"""


def keys_of(schema: Any) -> Iterator[str]:
    """Yield every key a JSON Schema knows, at whatever depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inside in schema.values():
            yield from keys_of(inside)
    elif isinstance(schema, list):
        for inside in schema:
            yield from keys_of(inside)
