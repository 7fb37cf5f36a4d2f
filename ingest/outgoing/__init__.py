"""What is said to others, and what comes back of it: replies, webhooks, notices that bounced."""
