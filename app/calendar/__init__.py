"""What happens when in a community: rounds with all their days, meetings, public holidays. For those who plan."""
