using System.Reflection;
using System.Xml.Linq;
using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Architecture;

public sealed class PublicApiTests
{
    private const string Committed = "tests/ReliableQueue.Tests/Architecture/public-api.txt";
    private const string Rewrite = "RELIABLEQUEUE_REWRITE_PUBLIC_API";

    private static readonly string[] Namespaces = ["ReliableQueue", "ReliableQueue.Broker", "ReliableQueue.Testing", "Microsoft.Extensions.DependencyInjection"];

    [Fact]
    public void Surface_OfAllPackages_EqualsTheCommittedText()
    {
        var surface = PublicSurface.Text();
        if (Environment.GetEnvironmentVariable(Rewrite) == "1")
        {
            File.WriteAllText(Path.Combine(SourceTree.Root, Committed), surface);
        }

        var (now, before) = (surface.Split('\n'), SourceTree.Read(Committed).Split('\n'));
        Faults.None(
            now.Except(before).Select(line => $"new or changed: {line.Trim()}")
                .Concat(before.Except(now).Select(line => $"gone: {line.Trim()}"))
                .Concat(surface == SourceTree.Read(Committed) ? [] : [$"The public surface is not what {Committed} says. When that is meant, run this test once with {Rewrite}=1 and commit the file."]));
    }

    [Fact]
    public void Types_Public_AreSealedOrClosed() => Faults.None(
        PublicSurface.Types.Where(type => type.IsClass && !type.IsSealed && !IsClosed(type) && !IsMadeToBeDerivedFrom(type)).Select(type => $"{type} can be derived from: seal it."));

    [Fact]
    public void Types_Public_LieInTheNamespacesOfUsers() => Faults.None(
        PublicSurface.Types.Where(type => !Namespaces.Contains(type.Namespace)).Select(type => $"{type} must lie in {string.Join(", ", Namespaces)}, or be internal."));

    [Fact]
    public void Members_Public_AreDocumented() => Faults.None(PublicSurface.Assemblies.SelectMany(assembly =>
    {
        var documented = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Where(member => member.HasElements)
            .Select(member => ((string?)member.Attribute("name") ?? "").Split('(')[0])
            .ToHashSet(StringComparer.Ordinal);
        return PublicSurface.Types.Where(type => type.Assembly == assembly)
            .SelectMany(type => PublicSurface.MembersOf(type).Where(IsWritten).Select(NameOf).Append("T:" + PathOf(type)))
            .Where(name => !documented.Contains(name))
            .Select(name => $"{name} has no documentation.");
    }));

    /// <summary>An abstract record whose constructors are private, or of this assembly: nobody else can derive from it.</summary>
    private static bool IsClosed(Type type) =>
        type.IsAbstract && type.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Where(constructor => constructor.GetParameters() is not [{ } copied] || copied.ParameterType != type)
            .All(constructor => constructor.IsPrivate || constructor.IsAssembly || constructor.IsFamilyAndAssembly);

    /// <summary>
    /// What wraps a broker is derived from these, so that the port can gain a member without breaking it; and a test derives from the rules of the reference broker to break one of them.
    /// </summary>
    private static bool IsMadeToBeDerivedFrom(Type type) =>
        type is { IsAbstract: true, Name: nameof(DelegatingBroker) or nameof(DelegatingAdmin) } or { Namespace: "ReliableQueue.Testing", Name: "QueueRules" };

    /// <summary>The constructor of a record or of a primary constructor is documented with its type, and so is the call of a delegate.</summary>
    private static bool IsWritten(MemberInfo member) => member is not ConstructorInfo && member is not MethodInfo { Name: "Deconstruct" or "GetHashCode" or "Equals" }
        && member.DeclaringType?.IsSubclassOf(typeof(Delegate)) is not true;

    private static string NameOf(MemberInfo member)
    {
        var name = PathOf(member.DeclaringType ?? throw new InvalidOperationException(member.Name)) + "." + member.Name;
        return member switch
        {
            MethodInfo { IsGenericMethodDefinition: true } method => $"M:{name}``{method.GetGenericArguments().Length}",
            MethodInfo => "M:" + name,
            PropertyInfo => "P:" + name,
            EventInfo => "E:" + name,
            _ => "F:" + name,
        };
    }

    private static string PathOf(Type type) => (type.FullName ?? type.Name).Replace('+', '.');
}
