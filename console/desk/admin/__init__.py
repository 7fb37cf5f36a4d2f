"""Administration: pages of tables and forms, which call what answers ``/api/staff/admin/``."""
