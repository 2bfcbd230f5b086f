"""What the settings of the office may say."""

import re

YES_NO = "yes|no"
NUMBER = r"\d{1,12}"

# Each setting the portal reads, or keeps for a decision still open, and the values it takes.
SHAPES = {
    "AGEING_MONTHS": r"\d+(,\d+)*",
    "APBDES_RELIEF": YES_NO,
    "BPU_CODE_DAYS": r"[1-9]\d?",
    "BPU_FIRST_MONTH": "SAME|NEXT",
    "BPU_GRACE_MONTHS": r"\d{1,2}",
    "BPU_MAX_AGE": r"\d{1,3}",
    "BPU_MIN_AGE": r"\d{1,2}",
    "BPU_WARN_AGE": r"\d{1,2}",
    "COVER_UNTIL": "MONTH_END",
    "DEMO_ARGUMENTS": r"\S+ \d{4}-\d{2}-\d{2} -?\d+",
    "FIRM_ANSWER_DAYS": r"[1-9]\d?",
    "GRACE_IS_COVERED": YES_NO,
    "JKM_EARLY_BENEFIT": NUMBER,
    "JKM_EARLY_SCOPE": "ALL|BPU",
    "JKM_FULL_AFTER_MONTHS": r"\d{1,2}",
    "JKP_SIX_IN_A_ROW": YES_NO,
    "JP_PENSION_AGE": r"\d{2}",
    "JP_PENSION_MAX": NUMBER,
    "JP_PENSION_MIN": NUMBER,
    "KPJ_PATTERN": r".+",
    "NPP_DIVISION": r"\d{3}",
    "NPP_PATTERN": r".+",
    "PAY_CHANNELS": "(QRIS|VA|GERAI)(,(QRIS|VA|GERAI))*",
    "PAY_IN_PARTS": YES_NO,
    "PDP_ANSWER_HOURS": NUMBER,
    "PENALTY_BASE": "UNPAID_PART",
    "PENALTY_COUNTS_FROM": "SHIFTED_DUE_DATE",
    "PERISAI_INCENTIVE": "UNKNOWN|" + NUMBER,
    "PU_CODE_DAYS": r"[1-9]\d?",
    "PU_ROUNDING": "HALF_UP",
}


def fault_of(key: str, value: str) -> str:
    """Return what is wrong with a setting, as a sentence for the clerk; "" when nothing is."""
    if key not in SHAPES:
        return f"key: kunci {key} tidak dikenal."
    if not re.fullmatch(SHAPES[key], value):
        return f"value: nilai {key} harus berbentuk {SHAPES[key].replace('|', ' atau ')}."
    return ""
