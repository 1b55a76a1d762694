"""Mail: written as MIME, signed with DKIM, handed over by SMTP, looked up in the log; bounces understood."""
