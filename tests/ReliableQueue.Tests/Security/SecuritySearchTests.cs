using System.Text.RegularExpressions;
using System.Xml.Linq;
using ReliableQueue.Storage;
using ReliableQueue.Tests.Architecture;

namespace ReliableQueue.Tests.Security;

/// <summary>What must not be in the source, and what the build must demand.</summary>
public sealed partial class SecuritySearchTests
{
    [Fact]
    public void Scripts_AreFilesAndNeverTextOfTheProgram() => Faults.None(FilesWith(LuaText()));

    [Fact]
    public void Sql_IsNeverBuiltFromData() => Assert.Equal(["src/ReliableQueue/State/StateTable.cs"], FilesWith(BuiltSql()));

    [Fact]
    public void Certificates_AreNeverAcceptedByUs() => Faults.None(FilesWith(TrustsAnybody()));

    [Fact]
    public void Types_AreNeverLoadedByName() => Faults.None(FilesWith(LoadsTypes()));

    [Theory]
    [InlineData("NuGetAudit", "true")]
    [InlineData("NuGetAuditMode", "all")]
    [InlineData("NuGetAuditLevel", "low")]
    [InlineData("TreatWarningsAsErrors", "true")]
    public void The_build_audits_every_package(string property, string value) =>
        Assert.Equal(value, XDocument.Parse(SourceTree.Read("Directory.Build.props")).Descendants(property).Single().Value);

    /// <summary>3.50.2 mends CVE-2025-6965, a memory corruption.</summary>
    [Fact]
    public void The_SQLite_that_is_loaded_is_one_without_known_memory_corruption() => Assert.True(Connection.LibraryVersion >= 3_050_002, $"{Connection.LibraryVersion}");

    [Theory]
    [InlineData("$\"SELECT x FROM t WHERE name = '{name}'\"", true)]
    [InlineData("\"UPDATE t SET a = \" + name", true)]
    [InlineData("\"SELECT number FROM queue WHERE name = ?\"", false)]
    public void BuiltSql_Text_IsFound(string code, bool found) => Assert.Equal(found, BuiltSql().IsMatch(code));

    private static IEnumerable<string> FilesWith(Regex pattern) => SourceTree.Files("src", ".cs").Where(file => pattern.IsMatch(SourceTree.Read(file)));

    [GeneratedRegex(@"redis\.p?call|""return \{")]
    private static partial Regex LuaText();

    [GeneratedRegex(@"\$@?""[^""\n]*\b(?:SELECT|INSERT|UPDATE|DELETE|VALUES|WHERE)\b|""[^""\n]*\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE)\b[^""\n]*""\s*\+\s*\w")]
    private static partial Regex BuiltSql();

    [GeneratedRegex(@"RemoteCertificateValidationCallback|ServerCertificate\w*Callback|CertificateValidation\s*\+=|DangerousAcceptAny|SslPolicyErrors")]
    private static partial Regex TrustsAnybody();

    [GeneratedRegex(@"\bType\.GetType\(|Assembly\.Load|BinaryFormatter|TypeNameHandling|Activator\.CreateInstance\(\s*""|DynamicInvoke")]
    private static partial Regex LoadsTypes();
}
