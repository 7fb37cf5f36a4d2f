"""How single sources say what they say: tweets, posts, threads, documents and answers, read; pure."""
