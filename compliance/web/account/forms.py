"""The form at the door."""

from compliance.web.fields import Password, Text
from compliance.web.forms import Form


class SignInForm(Form):
    """Who one is, and the proof of it."""

    username = Text("Username", missing="Enter your username", look={"autocomplete": "username", "width": 20})
    password = Password("Password", missing="Enter your password", autocomplete="current-password")
