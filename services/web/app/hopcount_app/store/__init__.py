"""What the app knows and shows, before and after the backend agrees. No Flet in here."""
