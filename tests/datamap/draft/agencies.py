"""Made-up systems to draft from: a MySQL agency and a folder of CSV files with Japanese headers."""

from __future__ import annotations

import csv
from pathlib import Path

MYSQL = """\
-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: minato_db
-- ------------------------------------------------------
-- Server version\t8.0.36
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `tbl_customers`;
CREATE TABLE `tbl_customers` (
  `customer_id` int(11) unsigned NOT NULL AUTO_INCREMENT,
  `shimei` varchar(80) NOT NULL,
  `furigana` varchar(80) DEFAULT NULL,
  `tanjobi` date DEFAULT NULL,
  `denwa` varchar(20) DEFAULT NULL,
  `mailAddress` varchar(200) DEFAULT NULL,
  `col_17` varchar(20) DEFAULT NULL COMMENT '口座番号',
  `kubun` enum('P','Q') DEFAULT 'P',
  PRIMARY KEY (`customer_id`)
) ENGINE=InnoDB COMMENT='お客様; all of them';
INSERT INTO `tbl_customers` VALUES (1,'a;b','CREATE TABLE `evil` (x int);'),
(2,'b','c');
CREATE TABLE `policies` (
  `policy_no` varchar(20) NOT NULL,
  `customer_id` int(11) unsigned NOT NULL,
  `plan` varchar(20),
  `hokenryo` decimal(10,2),
  CONSTRAINT `fk` FOREIGN KEY (`customer_id`) REFERENCES `tbl_customers` (`customer_id`) ON DELETE CASCADE
) ENGINE=InnoDB;
ALTER TABLE `policies`
  ADD PRIMARY KEY (`policy_no`),
  ADD KEY `by_plan` (`plan`);
CREATE TABLE `policy_notes` (
  `id` bigint NOT NULL PRIMARY KEY,
  `policy_no` varchar(20) NOT NULL,
  `memo` text,
  FOREIGN KEY (`policy_no`) REFERENCES `policies` (`policy_no`)
) ENGINE=InnoDB;
CREATE TABLE `insurers` (
  `insurer_cd` char(3) NOT NULL PRIMARY KEY, `name` varchar(50), `tel` varchar(20), `address` varchar(200)
) ENGINE=InnoDB;
CREATE TABLE `admin_users` (
  `id` int NOT NULL PRIMARY KEY, `login_id` varchar(30) UNIQUE, `passwd` char(60), `kengen` varchar(10)
) ENGINE=InnoDB;
CREATE TABLE `inquiries` (
  `no` int NOT NULL PRIMARY KEY, `name` varchar(50), `tel` varchar(20), `body` text
) ENGINE=InnoDB;
"""

_FAMILY = ("佐藤", "鈴木", "高橋", "田中", "伊藤")
_GIVEN = ("太郎", "花子", "一郎", "美咲")


def write_japanese_folder(folder: Path, encoding: str) -> None:
    """Write policyholders, policies, payments, agencies and enquiries as an old export would."""
    holders = [
        [
            f"{n + 1:07d}",
            f"{_FAMILY[n % 5]} {_GIVEN[n % 4]}",
            "サトウ タロウ",
            "男" if n % 2 else "女",
            f"1980-01-{n % 28 + 1:02d}",
            f"100-{n:04d}",
            f"東京都千代田区丸の内1-{n}",
            f"090-1234-{n:04d}",
            f"{n:07d}",
            "",
        ]
        for n in range(200)
    ]
    head = "契約者番号 氏名 フリガナ 性別 生年月日 郵便番号 住所 電話番号 口座番号 備考"
    _write(folder / "契約者.csv", encoding, head, holders)
    policies = [[f"A{n:06d}", f"{n % 200 + 1:07d}", "医療", f"{1000 + n}", "2027-01-01"] for n in range(300)]
    _write(folder / "契約.csv", encoding, "証券番号 契約者番号 保険種類 保険料 満期日", policies)
    paid = [[f"{n}", f"A{n:06d}", "骨折", "市立病院", "10000"] for n in range(100)]
    _write(folder / "給付.csv", encoding, "受付番号 証券番号 傷病名 病院名 支払額", paid)
    agencies = [
        [f"{n:03d}", f"東都サービス{n}株式会社", f"大阪市北区1-{n}", f"06-1234-{n:04d}"] for n in range(30)
    ]
    _write(folder / "取次.csv", encoding, "コード 名称 住所 電話番号", agencies)
    asked = [["山田 花子", f"hanako{n}@example.jp", "質問です"] for n in range(9)]
    _write(folder / "問い合わせ.csv", encoding, "お名前 メールアドレス 本文", asked)


def _write(path: Path, encoding: str, head: str, rows: list[list[str]]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head.split())
        writer.writerows(rows)
