"""Where the events of Windows log sources are: one table of flat records, told apart by channel and number.

Source: Sigma specification, taxonomy appendix, and its log source guides; Sysmon's event numbers by its
documentation (Microsoft Learn, read 2026-11-22). Channel names are as Windows shows them.
"""

from __future__ import annotations

from ashiato.engine.sigma.predicates import ALWAYS, And, Atom, Node, Or, Text
from ashiato.engine.sigma.sources import LogSource, Source

#: The table that flat Windows records are in.
WINDOWS = "windows_events"

_SYSMON = "Microsoft-Windows-Sysmon/Operational"
_POWERSHELL = ("Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational")
_CLASSIC = ("Windows PowerShell",)
_CHANNELS: dict[str, tuple[str, ...]] = {
    "application": ("Application",),
    "application-experience": (
        "Microsoft-Windows-Application-Experience/Program-Telemetry",
        "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
    ),
    "applocker": (
        "Microsoft-Windows-AppLocker/MSI and Script",
        "Microsoft-Windows-AppLocker/EXE and DLL",
        "Microsoft-Windows-AppLocker/Packaged app-Deployment",
        "Microsoft-Windows-AppLocker/Packaged app-Execution",
    ),
    "appmodel-runtime": ("Microsoft-Windows-AppModel-Runtime/Admin",),
    "appxdeployment-server": ("Microsoft-Windows-AppXDeploymentServer/Operational",),
    "appxpackaging-om": ("Microsoft-Windows-AppxPackaging/Operational",),
    "bits-client": ("Microsoft-Windows-Bits-Client/Operational",),
    "bitlocker": ("Microsoft-Windows-BitLocker/BitLocker Management",),
    "capi2": ("Microsoft-Windows-CAPI2/Operational",),
    "certificateservicesclient-lifecycle-system": (
        "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
    ),
    "codeintegrity-operational": ("Microsoft-Windows-CodeIntegrity/Operational",),
    "dhcp": ("Microsoft-Windows-DHCP-Server/Operational",),
    "diagnosis-scripted": ("Microsoft-Windows-Diagnosis-Scripted/Operational",),
    "dns-client": ("Microsoft-Windows-DNS Client Events/Operational",),
    "dns-server": ("DNS Server",),
    "dns-server-analytic": ("Microsoft-Windows-DNS-Server/Analytical",),
    "driver-framework": ("Microsoft-Windows-DriverFrameworks-UserMode/Operational",),
    "firewall-as": ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",),
    "hyper-v-worker": ("Microsoft-Windows-Hyper-V-Worker",),
    "iis-configuration": ("Microsoft-IIS-Configuration/Operational",),
    "kernel-event-tracing": ("Microsoft-Windows-Kernel-EventTracing",),
    "kernel-shimengine": (
        "Microsoft-Windows-Kernel-ShimEngine/Operational",
        "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
    ),
    "ldap": ("Microsoft-Windows-LDAP-Client/Debug",),
    "lsa-server": ("Microsoft-Windows-LSA/Operational",),
    "microsoft-servicebus-client": ("Microsoft-ServiceBus-Client",),
    "msexchange-management": ("MSExchange Management",),
    "ntfs": ("Microsoft-Windows-Ntfs/Operational",),
    "ntlm": ("Microsoft-Windows-NTLM/Operational",),
    "openssh": ("OpenSSH/Operational",),
    "powershell": _POWERSHELL,
    "powershell-classic": _CLASSIC,
    "printservice-admin": ("Microsoft-Windows-PrintService/Admin",),
    "printservice-operational": ("Microsoft-Windows-PrintService/Operational",),
    "security": ("Security",),
    "security-mitigations": (
        "Microsoft-Windows-Security-Mitigations/Kernel Mode",
        "Microsoft-Windows-Security-Mitigations/User Mode",
    ),
    "sense": ("Microsoft-Windows-SENSE/Operational",),
    "shell-core": ("Microsoft-Windows-Shell-Core/Operational",),
    "smbclient-connectivity": ("Microsoft-Windows-SmbClient/Connectivity",),
    "smbclient-security": ("Microsoft-Windows-SmbClient/Security",),
    "smbserver-connectivity": ("Microsoft-Windows-SMBServer/Connectivity",),
    "sysmon": (_SYSMON,),
    "system": ("System",),
    "taskscheduler": ("Microsoft-Windows-TaskScheduler/Operational",),
    "terminalservices-localsessionmanager": (
        "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
    ),
    "vhdmp": ("Microsoft-Windows-VHDMP/Operational",),
    "windefend": ("Microsoft-Windows-Windows Defender/Operational",),
    "wmi": ("Microsoft-Windows-WMI-Activity/Operational",),
}
#: A category's events: channels and event numbers, any pair of which tells one.
_CATEGORIES: dict[str, tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]] = {
    "process_creation": (((_SYSMON,), (1,)), (("Security",), (4688,))),
    "file_change": (((_SYSMON,), (2,)),),
    "network_connection": (((_SYSMON,), (3,)),),
    "sysmon_status": (((_SYSMON,), (4, 16)),),
    "process_termination": (((_SYSMON,), (5,)),),
    "driver_load": (((_SYSMON,), (6,)),),
    "image_load": (((_SYSMON,), (7,)),),
    "create_remote_thread": (((_SYSMON,), (8,)),),
    "raw_access_thread": (((_SYSMON,), (9,)),),
    "process_access": (((_SYSMON,), (10,)),),
    "file_event": (((_SYSMON,), (11,)),),
    "registry_add": (((_SYSMON,), (12,)),),
    "registry_delete": (((_SYSMON,), (12,)),),
    "registry_set": (((_SYSMON,), (13,)),),
    "registry_rename": (((_SYSMON,), (14,)),),
    "registry_event": (((_SYSMON,), (12, 13, 14)),),
    "create_stream_hash": (((_SYSMON,), (15,)),),
    "pipe_created": (((_SYSMON,), (17, 18)),),
    "wmi_event": (((_SYSMON,), (19, 20, 21)),),
    "dns_query": (((_SYSMON,), (22,)),),
    "file_delete": (((_SYSMON,), (23, 26)),),
    "clipboard_change": (((_SYSMON,), (24,)),),
    "process_tampering": (((_SYSMON,), (25,)),),
    "file_delete_detected": (((_SYSMON,), (26,)),),
    "file_block_executable": (((_SYSMON,), (27,)),),
    "file_block_shredding": (((_SYSMON,), (28,)),),
    "file_executable_detected": (((_SYSMON,), (29,)),),
    "sysmon_error": (((_SYSMON,), (255,)),),
    "ps_module": ((_POWERSHELL, (4103,)),),
    "ps_script": ((_POWERSHELL, (4104,)),),
    "ps_classic_start": ((_CLASSIC, (400,)),),
    "ps_classic_provider_start": ((_CLASSIC, (600,)),),
    "ps_classic_script": ((_CLASSIC, (800,)),),
}


def windows_source(log_source: LogSource) -> Source | None:
    """Return which flat Windows records a log source means, or None where it is none that is known."""
    if log_source.product != "windows":
        return None
    where: list[Node] = []
    if log_source.category:
        if log_source.category not in _CATEGORIES:
            return None
        where.append(Or(tuple(_told(*each) for each in _CATEGORIES[log_source.category])))
    if log_source.service:
        if log_source.service not in _CHANNELS:
            return None
        where.append(_in_channel(_CHANNELS[log_source.service]))
    return Source(WINDOWS, where=And(tuple(where)) if where else ALWAYS)


def _told(channels: tuple[str, ...], numbers: tuple[int, ...]) -> Node:
    return And((_in_channel(channels), Or(tuple(_is("EventID", str(number)) for number in numbers))))


def _in_channel(channels: tuple[str, ...]) -> Node:
    return Or(tuple(_is("Channel", channel) for channel in channels))


def _is(field: str, text: str) -> Atom:
    return Atom(field, Text((text,)), field)
