"""How one and the same name, address, phone, mail address or birth date may be written, and its one form.

Pure functions: text in, text out. Hostile text (control characters, marks that turn the direction of writing,
values of any length) is cut and cleaned first; what a form cannot be made of gives None, never an error.
"""
