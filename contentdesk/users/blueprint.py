"""The blueprint that the view modules of this feature share."""

from flask import Blueprint

blueprint = Blueprint("users", __name__)
