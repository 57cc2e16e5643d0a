using System.Reflection;
using System.Runtime.CompilerServices;
using ReliableQueue.Broker;

namespace ReliableQueue.Tests.Port;

/// <summary>A broker on top of another: whatever the port has, it forwards, and whatever it forwards can be overridden.</summary>
public class DelegatingBrokerTests
{
    public static TheoryData<string> BrokerMembers => [.. typeof(IQueueBroker).GetMethods().Concat(typeof(IAsyncDisposable).GetMethods()).Select(member => member.Name)];

    public static TheoryData<string> AdminMembers => [.. typeof(IQueueAdmin).GetMethods().Select(member => member.Name)];

    [Theory]
    [MemberData(nameof(BrokerMembers))]
    public void Members_OfTheBroker_ForwardToTheInnerOne(string name)
    {
        var inner = DispatchProxy.Create<IQueueBroker, CallLog>();

        AssertForwards(name, new Wrapper(inner), (CallLog)inner);
    }

    [Theory]
    [MemberData(nameof(AdminMembers))]
    public void Members_OfTheAdmin_ForwardToTheInnerOne(string name)
    {
        var inner = DispatchProxy.Create<IQueueAdmin, CallLog>();

        AssertForwards(name, new AdminWrapper(inner), (CallLog)inner);
    }

    private static void AssertForwards(string name, object wrapper, CallLog inner)
    {
        var method = wrapper.GetType().GetMethod(name) ?? throw new InvalidOperationException($"There is no {name}.");
        object?[] arguments = [.. method.GetParameters().Select(parameter => Sample(parameter.ParameterType))];

        var answer = method.Invoke(wrapper, arguments);

        var (called, passed, answered) = Assert.Single(inner.Calls);
        Assert.Equal(name, called);
        Assert.Equal(arguments, passed);
        Assert.Equal(answered, answer);
        Assert.True(method is { IsVirtual: true, IsFinal: false }, $"{name} cannot be overridden.");
    }

    /// <summary>An object of the type, whatever is in it: it is handed on and never looked into.</summary>
    private static object? Sample(Type type) => type.IsSubclassOf(typeof(Delegate)) ? null : RuntimeHelpers.GetUninitializedObject(type);

    private sealed class Wrapper(IQueueBroker inner) : DelegatingBroker(inner);

    private sealed class AdminWrapper(IQueueAdmin inner) : DelegatingAdmin(inner);
}

/// <summary>An implementation of whatever is asked, which notes each call with what it was given and what it answered.</summary>
public class CallLog : DispatchProxy
{
    public List<(string Name, object?[]? Arguments, object? Answer)> Calls { get; } = [];

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var answer = AnswerOf(targetMethod?.ReturnType ?? typeof(void));
        Calls.Add((targetMethod?.Name ?? "", args, answer));
        return answer;
    }

    /// <summary>A task of its own for each call, so that it is seen to be handed back; nothing for the rest.</summary>
    private static object? AnswerOf(Type type)
    {
        if (type == typeof(ValueTask))
        {
            return default(ValueTask);
        }

        return type.IsSubclassOf(typeof(Task))
            ? typeof(Task).GetMethod(nameof(Task.FromResult))?.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [null])
            : null;
    }
}
