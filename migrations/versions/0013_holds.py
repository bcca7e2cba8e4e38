"""holds: nothing of what they cover goes out

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was held before."""
    op.create_table(
        "holds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("kecamatan_code", sa.String(), nullable=True),
        sa.Column("kim_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("by_city", sa.Boolean(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kecamatan_code"], ["kecamatan.code"], name=op.f("fk_holds_kecamatan_code_kecamatan")),
        sa.ForeignKeyConstraint(["kim_id"], ["kim.id"], name=op.f("fk_holds_kim_id_kim")),
        sa.ForeignKeyConstraint(["placed_by"], ["users.id"], name=op.f("fk_holds_placed_by_users")),
        sa.ForeignKeyConstraint(["released_by"], ["users.id"], name=op.f("fk_holds_released_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_released", "holds", ["released_at"])
    op.create_table(
        "hold_parts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("kecamatan_code", sa.String(), nullable=True),
        sa.Column("kim_id", sa.String(), nullable=True),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_hold_parts_hold_id_holds")),
        sa.ForeignKeyConstraint(
            ["kecamatan_code"], ["kecamatan.code"], name=op.f("fk_hold_parts_kecamatan_code_kecamatan")
        ),
        sa.ForeignKeyConstraint(["kim_id"], ["kim.id"], name=op.f("fk_hold_parts_kim_id_kim")),
        sa.ForeignKeyConstraint(["released_by"], ["users.id"], name=op.f("fk_hold_parts_released_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_parts")),
    )
    op.create_index(op.f("ix_hold_parts_hold_id"), "hold_parts", ["hold_id"])


def downgrade() -> None:
    op.drop_table("hold_parts")
    op.drop_table("holds")
