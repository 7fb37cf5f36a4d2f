"""What a map can show, and how any layer becomes tiles; knows no report and no kelurahan."""
