using Microsoft.Extensions.DependencyInjection;

namespace ReliableQueue.Tests.DependencyInjection;

/// <summary>A handler that cannot be constructed is named when the host starts, with what is missing, and without constructing anything.</summary>
public sealed partial class MissingServiceTests
{
    [Fact]
    public async Task Start_HandlersThatLackServices_NamesAllOfThemAtOnce()
    {
        await using var rig = new SetRig();
        rig.Add.AddScoped<Mailer>().AddSingleton<IPress, Press>();
        rig.Add.AddReliableWorker(worker => worker
            .UseBroker(SetRig.NewBroker)
            .AddHandler<Greeting, Lacking>("a")
            .AddHandler<Greeting, LackingBehind>("b")
            .AddHandler<Greeting, LackingBehind>("c")
            .Handle(static (Letter letter, IClockwork clockwork, MessageContext context, CancellationToken token) => Task.CompletedTask, queue => queue.Use<Unregistered>())
            .Use<Registered>());

        Assert.Equal(
            [
                "The handler Lacking needs IClockwork, which is not registered.",
                "The handler Lacking needs IRepository<Letter>, which is not registered.",
                "The handler LackingBehind needs Mailer, which needs IPress, which is Press, which needs Ink, which is not registered.",
                "The delegate that handles Letter needs IClockwork, which is not registered.",
                "The middleware Registered needs Ink, which is not registered.",
                "The middleware Unregistered needs IClockwork, which is not registered.",
            ],
            await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_EverythingRegistered_ConstructsNothing()
    {
        Counted.Made = 0;
        await using var rig = new SetRig(("ReliableQueue:Worker:Enabled", "true"));
        rig.Add.AddScoped<Counted>().AddScoped<Mailer>().AddSingleton<IPress, Press>().AddSingleton<Ink>().AddLogging();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Satisfied>("a"));

        Assert.Empty(await rig.FaultsAsync());
        Assert.Equal(0, Counted.Made);
    }

    [Fact]
    public async Task Start_WhatTheContainerProvidesItself_IsNotMissing()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, OfTheContainer>("a"));

        Assert.Empty(await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_OptionalParameter_MayBeMissing()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Modest>("a"));

        Assert.Empty(await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_OptionalParameterThatIsRegistered_IsLookedInto()
    {
        await using var rig = new SetRig();
        rig.Add.AddScoped<Mailer>().AddSingleton<IPress, Press>();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Modest>("a"));

        Assert.Equal(["The handler Modest needs Mailer, which needs IPress, which is Press, which needs Ink, which is not registered."], await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_KeyedServices_AreLookedUpByTheirKey()
    {
        await using var rig = new SetRig();
        rig.Add.AddKeyedScoped<Mailer>("post").AddKeyedSingleton<IPress, Press>("news").AddSingleton<IPress, Silent>();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Keyed>("a"));

        Assert.Equal(
            [
                "The handler Keyed needs Mailer with the key 'parcels', which is not registered.",
                "The handler Keyed needs IPress with the key 'news', which is Press, which needs Ink, which is not registered.",
            ],
            await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_SeveralConstructors_AreChosenAsTheContainerDoes()
    {
        await using var rig = new SetRig();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Flexible>("a").AddHandler<Greeting, Torn>("b").AddHandler<Greeting, Closed>("c"));

        Assert.Equal(
            [
                "The handler Torn has two constructors that can be used, (Guestbook) and (IServiceProvider): the container takes neither.",
                "The handler Closed has no public constructor.",
            ],
            await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_ListOfServices_IsLookedInto()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<IPress, Press>().AddSingleton<IPress, Silent>();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, OfMany>("a"));

        Assert.Equal(["The handler OfMany needs IEnumerable<IPress>, which is Press, which needs Ink, which is not registered."], await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_GenericDefinition_IsLookedInto()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton(typeof(IRepository<>), typeof(Repository<>)).AddSingleton(new Ink()).AddSingleton<IClockwork>(_ => throw new InvalidOperationException("is not called"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Lacking>("a"));

        Assert.Equal(["The handler Lacking needs IRepository<Letter>, which needs IPress, which is not registered."], await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_FactoriesAndInstances_AreLeftAlone()
    {
        await using var rig = new SetRig();
        rig.Add.AddScoped<Lacking>(_ => throw new InvalidOperationException("is not called")).AddSingleton(new LackingBehind(new Mailer(new Silent())));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Lacking>("a").AddHandler<Greeting, LackingBehind>("b"));

        Assert.Empty(await rig.FaultsAsync());
    }

    [Fact]
    public async Task Start_ServicesThatNeedEachOther_Ends()
    {
        await using var rig = new SetRig();
        rig.Add.AddSingleton<Hen>().AddSingleton<Egg>();
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Circular>("a"));

        Assert.Equal(["The handler Circular needs Hen, which needs Egg, which needs Ink, which is not registered."], await rig.FaultsAsync());
    }

    /// <summary>The container is the judge: what is told at start is what it would say at the first message.</summary>
    [Fact]
    public async Task Start_WhatIsTold_IsWhatTheContainerWouldSay()
    {
        await Agrees<Satisfied>();
        await Agrees<OfTheContainer>();
        await Agrees<Modest>();
        await Agrees<Keyed>();
        await Agrees<Flexible>();
        await Agrees<Torn>();
        await Agrees<Closed>();
        await Agrees<OfMany>();
        await Agrees<Lacking>();
        await Agrees<LackingBehind>();

        static async Task Agrees<THandler>()
            where THandler : class, IMessageHandler<Greeting>
        {
            foreach (var isInkThere in (bool[])[false, true])
            {
                await using var rig = new SetRig();
                rig.Add.AddLogging().AddScoped<Counted>().AddScoped<Mailer>().AddSingleton<IPress, Press>().AddSingleton(typeof(IRepository<>), typeof(Repository<>));
                rig.Add.AddKeyedScoped<Mailer>("post").AddKeyedScoped<Mailer>("parcels").AddKeyedSingleton<IPress, Silent>(KeyedService.AnyKey);
                _ = isInkThere ? rig.Add.AddSingleton<Ink>() : rig.Add;
                rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, THandler>("a"));
                using var scope = rig.Services.CreateScope();
                var thrown = Record.Exception(() => scope.ServiceProvider.GetRequiredService<THandler>());

                var faults = await rig.FaultsAsync();

                Assert.True(thrown is null == (faults.Count == 0), $"{typeof(THandler).Name}: the container says {thrown?.Message ?? "nothing"}; told was: {string.Join(" ", faults)}");
            }
        }
    }

    [Fact]
    public async Task Start_WorkerThatIsSwitchedOff_MayLackServices()
    {
        await using var rig = new SetRig(("ReliableQueue:Worker:Enabled", "false"));
        rig.Add.AddReliableWorker(worker => worker.UseBroker(SetRig.NewBroker).AddHandler<Greeting, Lacking>("a"));

        Assert.Empty(await rig.FaultsAsync());
    }
}
