"""Whole collections as files: streamed as they are read, or prepared each night."""
