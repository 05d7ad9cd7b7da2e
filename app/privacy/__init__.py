"""What is kept of one person: told beforehand, agreed to, shown in full, forgotten on request (PIPL 14-17, 44-47)."""
