"""What only staff read: everybody's sessions by day, any session by its id, and what was said in many at once."""
