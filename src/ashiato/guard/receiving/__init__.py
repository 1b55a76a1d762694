"""Lines that come over the network, kept in files of the guard's folder, which are then followed.

``framing`` and ``bodies`` cut what was sent into lines, ``spool`` brings them to the disk, ``syslog`` and
``http`` speak with the senders, and ``serving`` runs what ``guard.yaml`` lists.
"""
