"""The pages that citizens read beside the map: lists, one report, who answers, and what to embed."""
