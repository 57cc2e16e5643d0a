using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ReliableQueue.Tests.Architecture;

/// <summary>How large the parts are, and that each keeps to itself.</summary>
public sealed partial class ShapeTests
{
    private const int MostParameters = 6;
    private const int LeastMedian = 50;

    [Fact]
    public void Constructors_OfAllSources_TakeAtMostSixParameters() => Faults.None(
        from assembly in PublicSurface.Assemblies.Append(Assembly.Load("ReliableQueue.Testing"))
        from type in assembly.GetTypes()
        where !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && type.DeclaringType?.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) is not true
        from constructor in type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let count = constructor.GetParameters().Length
        where count > MostParameters
        select $"The constructor of {type} takes {count} parameters; the most is {MostParameters}. What always travels together is one thing, and what does not belongs apart.");

    /// <summary>A lock that is handed on is held by two classes, and then nobody can say from one of them what it guards.</summary>
    [Fact]
    public void Locks_OfAllSources_StayInTheirClass() => Faults.None(
        from file in SourceTree.Files("src", ".cs")
        from Match match in SharedLock().Matches(SourceText.CodeOf(SourceTree.Read(file)))
        select $"{file}: '{match.Value.Trim()}' hands a lock on, or shows it. Data and its lock are one class.");

    [Theory]
    [InlineData("internal sealed class Writer(Lock gate, Memory memory) { }", 1)]
    [InlineData("internal Lock Gate => gate;", 1)]
    [InlineData("public Lock Gate { get; } = new();", 1)]
    [InlineData("private readonly Lock gate = new(); void Do() { lock (gate) { } }", 0)]
    [InlineData("internal sealed class Database(OwnerLock owner) { }", 0)]
    public void SharedLock_Code_IsFoundUnlessTheLockIsPrivate(string code, int found) => Assert.Equal(found, SharedLock().Count(code));

    /// <summary>What is read together is one file: a tree of fragments cannot be read without as many tabs.</summary>
    [Fact]
    public void Files_OfAllSources_AreNoFragments()
    {
        var lengths = SourceTree.Files("src", ".cs").Select(file => SourceTree.Read(file).AsSpan().Count('\n')).Order().ToList();
        var median = lengths[lengths.Count / 2];

        Assert.True(median >= LeastMedian, $"The median file of src has {median} lines; at least {LeastMedian} are wanted. Put records and enums into the file of the type they exist for.");
    }

    [GeneratedRegex(@"[(,]\s*Lock\s+\w+|\b(?:public|internal|protected)\s+(?:static\s+|readonly\s+)*Lock\s+\w+")]
    private static partial Regex SharedLock();
}
