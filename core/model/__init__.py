"""Frozen values that cross rooms. Nothing here reads a file, a clock or a database."""

from core.model.around import Administration, Circumstances, Client, Firm, Holding, Related, Target
from core.model.delivery import Check, CustodyLine, DeliveryDetail, DeliveryRow, StateWord
from core.model.evidence import Claim, Evidence, FactValue, Finding, Source
from core.model.operation import (
    Consent,
    DryRun,
    EntryLine,
    Held,
    Kind,
    OperationDetail,
    OperationLine,
    OperationRow,
    OperationState,
    Order,
    Output,
    Params,
    Plan,
    PlanStep,
    Step,
    StepState,
    TrialLine,
)
from core.model.probe import Probe, Probed, ServerDatabase, TargetView, Volume
from core.model.verdict import Answer, Reason, Severity, Verdict, worst

__all__ = [
    "Administration", "Answer", "Check", "Circumstances", "Claim", "Client", "Consent", "CustodyLine",
    "DeliveryDetail", "DeliveryRow", "DryRun", "EntryLine", "Evidence", "FactValue", "Finding", "Firm", "Held",
    "Holding", "Kind", "OperationDetail", "OperationLine", "OperationRow", "OperationState", "Order", "Output",
    "Params", "Plan", "PlanStep", "Probe", "Probed", "Reason", "Related", "ServerDatabase", "Severity", "Source",
    "StateWord", "Step", "StepState", "Target", "TargetView", "TrialLine", "Verdict", "Volume", "worst",
]  # fmt: skip
