using System.Reflection;
using System.Runtime.CompilerServices;

namespace ReliableQueue.Tests.Architecture;

/// <summary>The public types of the packages and, as text, what of them a user can see. One line per member, so that a change shows as a line.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    public static IReadOnlyList<Assembly> Assemblies { get; } =
        [.. new[] { "ReliableQueue", "ReliableQueue.Redis", "ReliableQueue.Sqlite", "ReliableQueue.Testing" }.Select(Assembly.Load)];

    public static IEnumerable<Type> Types => Assemblies.SelectMany(assembly => assembly.GetExportedTypes()).OrderBy(type => type.FullName, StringComparer.Ordinal);

    /// <summary>Public and protected members written by people: what the compiler adds to records is left out.</summary>
    public static IEnumerable<MemberInfo> MembersOf(Type type) =>
        type.GetMembers(Declared).Where(member => member is not Type && IsVisible(member) && !IsGenerated(type, member));

    public static string Text() => string.Join('\n', Types.SelectMany(type => MembersOf(type).Select(member => $"  {Shown(member)}").Order(StringComparer.Ordinal).Prepend(Shown(type)))) + '\n';

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        FieldInfo field => field.IsPublic || field.IsFamily,
        EventInfo declared => declared.AddMethod is { } add && IsVisible(add),
        _ => false,
    };

    private static bool IsGenerated(Type type, MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member is MethodInfo { IsSpecialName: true } accessor && !accessor.Name.StartsWith("op_", StringComparison.Ordinal)
        || (type.IsEnum && member is FieldInfo { IsLiteral: false })
        || (typeof(Delegate).IsAssignableFrom(type) && member.Name != "Invoke")
        || member.Name is "<Clone>$" or "EqualityContract" or "PrintMembers";

    private static string Shown(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var above = type.GetInterfaces().Select(NameOf).Order(StringComparer.Ordinal)
            .Where(name => !name.StartsWith("System.IEquatable", StringComparison.Ordinal) && name != "System.Runtime.Serialization.ISerializable");
        var bases = type is { IsClass: true, BaseType: { } parent } && parent != typeof(object) ? above.Prepend(NameOf(parent)) : above;
        return $"{kind} {NameOf(type)}{(type.IsEnum ? "" : string.Concat(bases.Select((name, index) => (index == 0 ? " : " : ", ") + name)))}";
    }

    private static string Shown(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true } field => $"{field.Name} = {Literal(field.GetRawConstantValue())}",
        FieldInfo field => $"{field.Name}: {NameOf(field.FieldType)}",
        PropertyInfo property => $"{Static(property.GetAccessors(nonPublic: true)[0])}{property.Name}: {NameOf(property.PropertyType, Nullability.Create(property).ReadState)} {{ {Accessors(property)} }}",
        EventInfo declared => $"event {declared.Name}",
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{Static(method)}{method.Name}{Generics(method)}({Parameters(method)}): {NameOf(method.ReturnType, Nullability.Create(method.ReturnParameter).ReadState)}",
        _ => member.Name,
    };

    private static string Static(MethodInfo method) => method.IsStatic ? "static " : "";

    private static string Accessors(PropertyInfo property)
    {
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) is true;
        var set = property.SetMethod is { IsPublic: true } ? isInit ? " init;" : " set;" : "";
        return "get;" + set;
    }

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{NameOf(parameter.ParameterType, Nullability.Create(parameter).WriteState)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Literal(parameter.RawDefaultValue) : "")}"));

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        _ => FormattableString.Invariant($"{value}"),
    };

    private static string NameOf(Type type, NullabilityState state) =>
        NameOf(type) + (state == NullabilityState.Nullable && !type.IsValueType ? "?" : "");

    private static string NameOf(Type type)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (type.HasElementType)
        {
            return NameOf(type.GetElementType() ?? type) + (type.IsArray ? "[]" : "&");
        }

        var name = (type.FullName ?? $"{type.Namespace}.{type.Name}").Split('[')[0].Replace('+', '.').Split('`')[0];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : name;
    }
}
