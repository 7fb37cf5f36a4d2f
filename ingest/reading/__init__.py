"""What adapters read with: strict fields, tables of the settings, and a base class for each transport."""
