"""Says which signed-in visits come from outside the office: the data map's, else where colleagues sit."""

from __future__ import annotations

from ashiato.engine.store import Station

# An office that no data map names shows by three accounts of one role behind one address.
_COLLEAGUES = 3

#: One row per signed-in visit: whether its account's role works from offices while it does not. 2 where the
#: data map names offices and its colleagues, if any, are there; 1 where they work from elsewhere too, or
#: where the office is only seen in the log. All of the staff, whatever their roles, are colleagues; the
#: account itself is no colleague of its own.
_OFFICES = Station(
    "finding_account_offices",
    f"""
    WITH roled AS (
        SELECT v.visit, v.account, v.address,
               CASE WHEN k.account IS NOT NULL THEN '(staff)' ELSE v.role END AS role,
               CASE WHEN k.account IS NOT NULL THEN 1 ELSE 0 END AS is_staff,
               CASE WHEN o.value IS NOT NULL THEN 1 ELSE 0 END AS is_inside
        FROM finding_account_visits AS v
        LEFT JOIN (SELECT DISTINCT account FROM finding_known_roles) AS k
          ON k.account = regexp_replace(v.account, '^[A-Za-z]+:', '')
        LEFT JOIN finding_known AS o ON o.kind = 'office' AND o.value = v.address
    ), common AS (
        SELECT role, address FROM roled GROUP BY role, address HAVING COUNT(DISTINCT account) >= {_COLLEAGUES}
    ), placed AS (
        SELECT v.*, CASE WHEN c.address IS NOT NULL THEN 1 ELSE 0 END AS is_common
        FROM roled AS v LEFT JOIN common AS c ON c.role = v.role AND c.address = v.address
    ), own AS (
        SELECT role, account, COUNT(*) AS visits, SUM(is_inside) AS inside, SUM(is_common) AS common
        FROM placed GROUP BY role, account
    ), roles AS (
        SELECT role, COUNT(*) AS accounts, SUM(visits) AS visits, SUM(inside) AS inside, SUM(common) AS common
        FROM own GROUP BY role
    ), declared AS (
        SELECT COUNT(*) AS offices FROM finding_known WHERE kind = 'has-office'
    ), beside AS (
        SELECT p.*, d.offices, r.accounts - 1 AS colleagues, r.visits - w.visits AS visits,
               r.inside - w.inside AS inside, r.common - w.common AS common
        FROM placed AS p
        JOIN own AS w ON w.role = p.role AND w.account = p.account
        JOIN roles AS r ON r.role = p.role
        CROSS JOIN declared AS d
    )
    SELECT visit, role,
           CASE WHEN offices > 0 AND is_inside = 1 THEN 0
                WHEN offices > 0 AND (is_staff = 1 OR (colleagues >= 2 AND inside * 10 >= visits * 9))
                THEN CASE WHEN inside * 10 >= visits * 9 THEN 2 ELSE 1 END
                WHEN offices = 0 AND is_common = 0 AND colleagues >= {_COLLEAGUES}
                 AND common * 10 >= visits * 9 THEN 1
                ELSE 0 END AS outside,
           CASE WHEN offices > 0 THEN is_inside ELSE 0 END AS is_inside
    FROM beside
    """,
)

STATIONS = (_OFFICES,)
