"""What a click is and what statistics say, without any AWS."""
