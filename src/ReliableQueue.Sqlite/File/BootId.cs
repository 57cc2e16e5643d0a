using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32;
using ReliableQueue.Broker;

namespace ReliableQueue.Sqlite;

/// <summary>Names one run of the machine. Lease deadlines are readings of a clock that starts anew with it, so those of another run mean nothing.</summary>
internal static class BootId
{
    public static string OfThisMachine()
    {
        if (OperatingSystem.IsLinux())
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }

        return (OperatingSystem.IsMacOS() ? OfMac() : OperatingSystem.IsWindows() ? OfWindows() : null)
            ?? throw new BrokerException(BrokerFault.Refused, "The SQLite broker knows no boot id on this operating system; it runs on Linux, macOS and Windows.");
    }

    // A number Windows raises by one at each start.
    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static string? OfWindows() =>
        Registry.GetValue(
            @"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters", "BootId", null)?.ToString();

    private static string? OfMac()
    {
        var text = new byte[64];
        nint length = text.Length;
        return SysctlByName("kern.bootsessionuuid\0"u8.ToArray(), text, ref length, 0, 0) == 0
            ? Encoding.ASCII.GetString(text, 0, (int)length).TrimEnd('\0')
            : null;
    }

    // Bytes and numbers only: nothing to marshal, so no unsafe code and nothing that ahead-of-time compilation would miss.
    [DllImport("libc", EntryPoint = "sysctlbyname")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SysctlByName(byte[] name, byte[] value, ref nint length, nint newValue, nint newLength);
}
