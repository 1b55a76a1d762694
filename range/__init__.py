"""The exercise range: small real applications with fictional people, honest traffic and scripted intruders.

Deliberately weak, on loopback alone, and no part of what is shipped. ``python -m range start FOLDER``.
"""
