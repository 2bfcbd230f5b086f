"""What has to be on the table before a firm is closed: the office's evidence for each cause."""

from collections.abc import Sequence

WITNESSES = 2
# Either paper will do; with only one of them the visit report is asked for too (PROBIS p. 30).
PAPERS = {
    "DISSOLVED": ("FIRM_LETTER", "AGENCY_LETTER"),
    "IDLE": ("FIRM_LETTER", "NIL_TAX_RETURN"),
    "BANKRUPT": ("COURT_DECISION", "NEWSPAPER"),
}
NAMES = {
    "FIRM_LETTER": "surat dari badan usaha",
    "AGENCY_LETTER": "surat instansi perizinan",
    "NIL_TAX_RETURN": "SPT nihil",
    "COURT_DECISION": "putusan pengadilan",
    "NEWSPAPER": "pengumuman koran",
}


def missing_evidence(cause: str, kinds: Sequence[str]) -> list[str]:
    """Return a sentence for each thing still missing to close a firm for `cause`.

    `kinds` of the evidence at hand, a witness each time he is named.
    """
    if cause == "VANISHED":
        return missing_of_visit(kinds)
    papers = PAPERS[cause]
    held = sum(paper in kinds for paper in papers)
    if not held:
        return [f"Isi {' atau '.join(NAMES[paper] for paper in papers)}"]
    if held < len(papers) and "VISIT_REPORT" not in kinds:
        other = next(NAMES[paper] for paper in papers if paper not in kinds)
        return [f"Isi juga {other}, atau berita acara kunjungan"]
    return []


def missing_of_visit(kinds: Sequence[str]) -> list[str]:
    missing = [] if "VISIT_REPORT" in kinds else ["Isi berita acara kunjungan"]
    if kinds.count("WITNESS") < WITNESSES:
        missing.append("Isi dua saksi dari luar badan usaha")
    return missing
