"""What each reason code says to people: the sentence, who can mend it, and what to do next.

Long because it is one closed table, in which every code the gate can give is looked up.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Mender(Enum):
    """Who can do something about an unmet requirement."""

    PRESCRIBER = "prescriber"
    PATIENT = "patient"
    PHARMACY = "pharmacy"
    ADMINISTRATOR = "administrator"
    TWO_CLINICIANS = "two_clinicians"
    NOBODY = "nobody"


class Reason(NamedTuple):
    """What a reason code says to people: the sentence, who can mend it, and what to do next."""

    sentence: str
    mender: Mender
    next_step: str


_P, _PT, _PH, _AD = Mender.PRESCRIBER, Mender.PATIENT, Mender.PHARMACY, Mender.ADMINISTRATOR
_TWO, _NO = Mender.TWO_CLINICIANS, Mender.NOBODY

REASONS: dict[str, Reason] = {
    "MET": Reason("The requirement is met.", _NO, ""),
    "REQUIREMENT_BROKE": Reason(
        "This requirement could not be checked.", _AD,
        "Report the fault; nothing is released until it is mended.",
    ),
    "POLICY_EMPTY": Reason("The policy has no requirements.", _AD, "Install a complete policy."),
    "POLICY_NOT_ACTIVE": Reason(
        "The policy is a draft or has been retired.", _AD, "Install an active version of the policy."
    ),
    "POLICY_NOT_IN_FORCE": Reason(
        "No version of this policy is in force at this moment.", _AD, "Install the version in force."
    ),
    "PRESCRIPTION_MISSING": Reason("There is no such prescription.", _P, "Issue the prescription."),
    "PRODUCT_NOT_COVERED": Reason(
        "The product is not covered by this programme.", _P,
        "Prescribe a product of this programme, or use its own programme.",
    ),
    "CHANNEL_NOT_ACCEPTED": Reason(
        "A prescription may not arrive this way.", _P, "Send a written or electronic prescription."
    ),
    "CATEGORY_MISMATCH": Reason(
        "The risk category on the prescription is not the one the patient is enrolled in.", _P,
        "Issue a new prescription with the enrolled category, or enrol the patient anew.",
    ),
    "ENROLMENT_MISSING": Reason(
        "The patient is not enrolled.", _P, "Complete the patient-physician agreement."
    ),
    "AGREEMENT_UNSIGNED": Reason(
        "The patient-physician agreement is not fully signed.", _P,
        "Have the patient (a guardian for a minor) and the prescriber sign a new agreement.",
    ),
    "AGE_GROUP_MISMATCH": Reason(
        "The agreement is for another age group.", _P, "Complete the agreement for the patient's age."
    ),
    "ENROLMENT_AFTER_PRESCRIPTION": Reason(
        "The agreement was signed after the prescription was issued.", _P, "Issue a new prescription."
    ),
    "ENROLMENT_LAPSED": Reason(
        "The patient has been off the medicine too long for the old agreement.", _P,
        "Complete a new patient-physician agreement.",
    ),
    "EVIDENCE_MISSING": Reason(
        "There is no accepted evidence that the patient cannot become pregnant.", _P,
        "Record the evidence, or enrol as a female of reproductive potential.",
    ),
    "MENOPAUSE_TOO_RECENT": Reason(
        "The last menses were too recent to count as menopause.", _P,
        "Enrol as a female of reproductive potential, or wait.",
    ),
    "CATEGORY_CONTRADICTED": Reason(
        "A report of menses or bleeding contradicts the risk category.", _P,
        "Evaluate, then record new evidence or enrol in the right category.",
    ),
    "CERTIFICATION_MISSING": Reason(
        "No certification for the programme is on record.", _AD, "Complete certification."
    ),
    "CERTIFICATION_EXPIRED": Reason("The certification has expired.", _AD, "Renew the certification."),
    "CERTIFICATION_REVOKED": Reason(
        "The certification has been revoked.", _AD, "Only a new certification can restore it."
    ),
    "HELD_POSITIVE_TEST": Reason(
        "A pregnancy test was positive.", _TWO,
        "Refer to obstetrics. Two clinicians must resolve the hold.",
    ),
    "HELD_PREGNANCY_REPORT": Reason(
        "A pregnancy has been reported.", _TWO,
        "Refer to obstetrics. Two clinicians must resolve the hold.",
    ),
    "HELD": Reason("The patient is on hold.", _TWO, "Two clinicians must resolve the hold."),
    "TEST_MISSING": Reason(
        "There is no accepted negative pregnancy test.", _P, "Order a pregnancy test and record the result."
    ),
    "TEST_NOT_IN_WINDOW": Reason(
        "No accepted negative pregnancy test falls in this window before the prescription.", _P,
        "Test in the window, then issue a new prescription.",
    ),
    "LATEST_TEST_NOT_NEGATIVE": Reason(
        "The newest pregnancy test is not a valid negative.", _P, "Repeat the test."
    ),
    "TEST_OVERDUE": Reason(
        "The scheduled pregnancy test is overdue.", _P, "Order a pregnancy test and record the result."
    ),
    "TEST_MISSED": Reason(
        "A scheduled pregnancy test was missed in this supply period.", _P,
        "Evaluate and counsel the patient about the missed test, and record it.",
    ),
    "EVALUATION_PENDING": Reason(
        "A missed period or abnormal bleeding has not been evaluated.", _P,
        "Test and counsel the patient; supply stops meanwhile.",
    ),
    "CONTRACEPTION_MISSING": Reason(
        "No statement on contraception is on record.", _P, "Record the methods in use, or abstinence."
    ),
    "CONTRACEPTION_TOO_FEW": Reason(
        "Fewer accepted methods of contraception are in use than required.", _P,
        "Add an accepted method and record it.",
    ),
    "CONTRACEPTION_NOT_HIGHLY_EFFECTIVE": Reason(
        "None of the methods in use is a highly effective one.", _P,
        "Add a highly effective method and record it.",
    ),
    "CONTRACEPTION_LEAD_IN": Reason(
        "The methods, or abstinence, have not been in effect long enough.", _P,
        "Wait until the lead-in is over.",
    ),
    "COUNSELLING_MISSING": Reason(
        "Required counselling is not on record.", _P, "Counsel the patient and record the topics covered."
    ),
    "PHARMACY_COUNSELLING_MISSING": Reason(
        "The pharmacist's counselling for this supply is not on record.", _PH,
        "Counsel the patient and record the topics covered.",
    ),
    "MATERIAL_MISSING": Reason(
        "A document that goes with every supply is not on record.", _PH,
        "Give or complete the document and record it.",
    ),
    "PRESCRIBER_SURVEY_MISSING": Reason(
        "The prescriber's survey for this prescription is missing.", _P, "Complete the prescriber survey."
    ),
    "PATIENT_SURVEY_MISSING": Reason(
        "The patient has not completed a survey.", _PT, "Complete the patient survey."
    ),
    "PATIENT_SURVEY_OVERDUE": Reason("The patient's survey is overdue.", _PT, "Complete the patient survey."),
    "DAYS_SUPPLY_UNKNOWN": Reason(
        "The days' supply cannot be computed.", _P, "Issue a prescription with a complete regimen."
    ),
    "DAYS_SUPPLY_EXCEEDED": Reason(
        "The prescription is for more days than allowed.", _P, "Issue a prescription for fewer days."
    ),
    "REFILLS_NOT_ALLOWED": Reason(
        "The prescription has refills.", _P, "Issue a prescription without refills."
    ),
    "SUPPLY_LEFT": Reason(
        "Too many days of the last supply are left.", _PH,
        "Wait; the next supply may follow when fewer days are left.",
    ),
    "ALREADY_AUTHORIZED": Reason(
        "The prescription already has a live authorization.", _P, "Use the authorization it has."
    ),
    "ALREADY_CONFIRMED": Reason(
        "The prescription already has a live confirmation.", _PH, "Use the confirmation it has, or cancel it."
    ),
    "ALREADY_DISPENSED": Reason(
        "The prescription has already been dispensed.", _P, "A new supply needs a new prescription."
    ),
    "AUTHORIZATION_WOULD_BE_OVER": Reason(
        "The newest accepted negative test is too old for an authorization.", _P,
        "Order a pregnancy test and record the result.",
    ),
    "AUTHORIZATION_MISSING": Reason(
        "The prescription has no authorization.", _P, "The prescriber requests an authorization."
    ),
    "AUTHORIZATION_VOIDED": Reason(
        "The authorization was voided.", _P, "The prescriber requests a new authorization."
    ),
    "AUTHORIZATION_EXPIRED": Reason(
        "The authorization has expired.", _P, "The prescriber requests a new authorization."
    ),
    "AUTHORIZATION_CATEGORY_MISMATCH": Reason(
        "The authorization was given for another risk category.", _P,
        "The prescriber requests a new authorization.",
    ),
    "CONFIRMATION_MISSING": Reason("The supply has not been confirmed.", _PH, "Request a confirmation."),
    "CONFIRMATION_VOIDED": Reason("The confirmation was cancelled.", _PH, "Request a new confirmation."),
    "CONFIRMATION_EXPIRED": Reason("The confirmation has expired.", _PH, "Cancel it and request a new one."),
    "CONFIRMATION_ELSEWHERE": Reason(
        "The confirmation belongs to another pharmacy.", _PH,
        "The pharmacy that confirmed dispenses, or cancels.",
    ),
    "HANDOVER_UNKNOWN": Reason(
        "It is not stated how the product leaves the pharmacy.", _PH,
        "Say whether it is shipped or handed over.",
    ),
    "NOT_SHIPPED_THE_SAME_DAY": Reason(
        "The product must leave on the day it was confirmed.", _PH,
        "Cancel the confirmation and confirm on the day of shipping.",
    ),
    "SECOND_TEST_TOO_SOON": Reason(
        "No second negative test stands far enough from the first.", _P,
        "Repeat the test when the distance is reached, then issue a new prescription.",
    ),
    "CYCLE_UNKNOWN": Reason(
        "It is not on record how regular the cycle is.", _P, "Record how regular the cycle is."
    ),
    "TEST_NOT_IN_PERIOD": Reason(
        "The newest negative test does not fall in the first days of a period.", _P,
        "Record when the period started and test in its first days.",
    ),
    "WINDOW_MISSED": Reason(
        "The first window was missed, and the new test came too soon after the one that opened it.", _P,
        "Repeat the test when the wait is over.",
    ),
    "MENOPAUSE_TOO_YOUNG": Reason(
        "The patient is too young for this evidence of menopause.", _P,
        "Enrol as a female of reproductive potential, or record other evidence.",
    ),
    "REGISTRATION_LAPSED": Reason("The registration is too old.", _AD, "Register anew."),
    "DECLARATION_MISSING": Reason(
        "The form of this prescription has no declaration by the prescriber.", _P, "Complete the form."
    ),
    "DECLARATION_INCOMPLETE": Reason(
        "The prescriber's declaration is incomplete.", _P,
        "The prescriber completes the form; a missing tick cannot be filled in by anybody else.",
    ),
    "DECLARATION_CONTRADICTS": Reason(
        "The prescriber's declaration contradicts itself.", _P,
        "The prescriber ticks exactly one of the two statements on a new form.",
    ),
    "ACKNOWLEDGEMENT_MISSING": Reason(
        "The signed form is not on record.", _P, "Complete and sign the form with the patient."
    ),
    "ACKNOWLEDGEMENT_UNSIGNED": Reason(
        "The form is not fully signed.", _P, "Have patient and prescriber sign the form."
    ),
    "ACKNOWLEDGEMENT_OVERDUE": Reason(
        "The signed form is due for renewal.", _P, "Review the treatment with the patient and sign the form anew."
    ),
    "REVIEW_MISSING": Reason(
        "Fewer independent prescribers have agreed than required.", _P,
        "Have another prescriber review the treatment and put the view on record.",
    ),
    "REVIEW_AGAINST": Reason(
        "An independent prescriber does not support the treatment.", _P,
        "Settle the disagreement; a reviewer may record a new view.",
    ),
    "HANDOVER_NOT_ACCEPTED": Reason(
        "The product may not leave the pharmacy this way.", _PH, "Hand the product over as the programme says."
    ),
    "LAB_MISSING": Reason("A laboratory result is not on record.", _P, "Order the examination and record it."),
    "LAB_TOO_OLD": Reason(
        "The laboratory result is too old to start on.", _P, "Repeat the examination and record it."
    ),
    "LAB_OVERDUE": Reason("A laboratory examination is overdue.", _P, "Order the examination and record it."),
    "LAB_BELOW": Reason("A laboratory value is below the threshold.", _P, "Review the dose with a specialist."),
    "REACTION_HISTORY_MISSING": Reason(
        "It is not on record that earlier reactions were asked about.", _P,
        "Ask about earlier reactions and record each, then record that they were considered.",
    ),
    "NEVER_AGAIN": Reason(
        "A reaction on record speaks against giving this medicine again.", _NO,
        "Correct the record only if the reaction was entered in error.",
    ),
    "ASSESSMENT_MISSING": Reason(
        "It is not on record that this was considered.", _P, "Consider it and put it on record."
    ),
    "REGIMEN_UNUSUAL": Reason(
        "The prescription does not follow the usual cycle.", _P, "Check dose, days on and cycle length."
    ),
}  # fmt: skip
"""Every reason code the gate can give. Closed: a kind may only use codes that stand here."""
