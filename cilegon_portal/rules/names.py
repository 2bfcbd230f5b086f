"""Names of people as strangers may see them."""


def mask_name(name: str) -> str:
    """Return "Siti Rahayu" as "S*** R*****": the length and the first letter of every word."""
    return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())
