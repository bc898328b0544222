"""What two formats have in common."""
