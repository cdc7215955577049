"""The targets, and what their instances said of themselves."""

from __future__ import annotations

from core.errors import NotFound, Refused, WisselError
from core.model import Target, TargetView
from core.model.profile import ProfileView
from core.office.opened import Opened, now


class Asking(Opened):
    """The part of the office that knows the targets."""

    def targets(self) -> tuple[Target, ...]:
        """In the order of the settings, with what their instances last said where the settings are silent."""
        return self._desk()[1].targets

    def target(self, name: str) -> TargetView:
        """Everything that is known of one. Nobody is asked. Raises NotFound (`target`)."""
        from core.intake.probed import view

        register, judge = self._desk()
        declared = zip(self._settings.targets, self._settings.all_targets(), strict=True)
        found = next((each for each in declared if each[0].name.casefold() == name.casefold()), None)
        if found is None:
            raise NotFound("target", name=name)
        return view(*found, register.probed().get(found[0].name), judge.tables, now())

    def probe_target(self, name: str) -> TargetView:
        """Ask its instance now, and keep what it says for the verdicts; a read-only console keeps nothing.

        Raises NotFound (`target`), Refused (`target-no-instance`, `target-practice`), and what stands between us and
        the instance: DriverMissing, Unreadable, SettingsError, Refused; that is kept too.
        """
        from core.intake.probed import view
        from core.intake.rooms import targets_of
        from core.model import Probed
        from core.operations.servers import ask, connector_of

        register, judge = self._desk()
        target = self.target(name).target
        connector_of(self._settings, target.name)
        try:
            found = ask(self._settings, target.name)
        except WisselError as error:
            if not self.read_only:
                register.save_probe(target.name, target.instance or "", error)
            raise
        if not self.read_only:
            register.save_probe(target.name, target.instance or "", found)
            judge.renew(targets_of(self._settings, register, judge.tables))
            return self.target(target.name)
        at = now()
        declared = next(each for each in self._settings.targets if each.name == target.name)
        probed = Probed(target.name, target.instance or "", at, found, at)
        plain = declared.to_target(practice=self._settings.practice)
        return view(declared, plain, probed, judge.tables, at)

    def profile_at(self, name: str, number: str, *, trial: bool = False) -> ProfileView:
        """How the target's identity profile fits one administration there; `trial` tries a swap on a scratch copy.

        Raises NotFound (`target`, `administration-none`), Refused (`read-only` of a trial; what a swap refuses), and
        what stands between us and the target.
        """
        from core.operations.profiling import look

        if trial and self.read_only:
            raise Refused("read-only")
        return look(self._settings, self.target(name).target.name, number, trial=trial)
