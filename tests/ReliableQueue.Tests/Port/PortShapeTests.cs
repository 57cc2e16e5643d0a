using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using ReliableQueue.Broker;
using ReliableQueue.Tests.Architecture;

namespace ReliableQueue.Tests.Port;

/// <summary>What the port looks like from outside.</summary>
public sealed class PortShapeTests
{
    private const string Id = "RQ001";

    /// <summary>What an application meets in an exception, a health check or an operator's page without having written a broker.</summary>
    private static readonly Type[] metByApplications =
    [
        typeof(BrokerException), typeof(BrokerFault), typeof(BrokerFinding), typeof(FindingSeverity), typeof(DeadLetterReason), typeof(QueueStatistics), typeof(MessageState),
    ];

    [Fact]
    public void Types_OfThePort_AreExperimentalUnlessAnApplicationMeetsThem() => Faults.None(
        PublicSurface.Types.Where(type => type is { Namespace: "ReliableQueue.Broker", DeclaringType: null } && IsExperimental(type) == metByApplications.Contains(type))
            .Select(type => $"{type.Name}: {(IsExperimental(type) ? "an application meets it: it must not be" : "it must be")} [Experimental(\"{Id}\")]."));

    [Fact]
    public void Members_ThatNeedThePort_AreExperimental() => Faults.None(
        from type in PublicSurface.Types
        where !IsExperimental(type)
        from member in PublicSurface.MembersOf(type)
        where !IsExperimental(member) && TypesIn(member).SelectMany(Parts).Any(IsExperimental)
        select $"{type.Name}.{member.Name} mentions an experimental type and is not experimental itself.");

    [Fact]
    public void Calls_OfTheBroker_TakeOneRecordAndAnswerOne()
    {
        var calls = typeof(IQueueBroker).GetMethods().Where(method => method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>)).ToList();

        Assert.Equal(["EnqueueAsync", "LeaseAsync", "ReturnAsync", "SettleAsync"], calls.Select(call => call.Name).Order(StringComparer.Ordinal));
        Assert.All(calls, call =>
        {
            var verb = call.Name[..^"Async".Length];
            Assert.Equal([$"{verb}Request", "CancellationToken"], call.GetParameters().Select(parameter => parameter.ParameterType.Name));
            Assert.Equal($"{verb}Reply", call.ReturnType.GetGenericArguments()[0].Name);
        });
    }

    private static bool IsExperimental(MemberInfo member) =>
        member.GetCustomAttribute<ExperimentalAttribute>()?.DiagnosticId == Id || (member.DeclaringType is { } outer && IsExperimental(outer));

    private static IEnumerable<Type> TypesIn(MemberInfo member) => member switch
    {
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        MethodInfo method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) => type.GetGenericArguments().SelectMany(Parts).Append(type);
}
