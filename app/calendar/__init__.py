"""What happens when in a place: rounds with all their days, meetings, public holidays. For those who plan."""
