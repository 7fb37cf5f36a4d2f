"""Who asks and how often: keys, and limits of use."""
