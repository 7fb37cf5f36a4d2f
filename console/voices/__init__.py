"""Where citizens speak: the report form, and following what becomes of reports."""
