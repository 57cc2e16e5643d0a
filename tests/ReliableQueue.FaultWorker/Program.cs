using System.Runtime.InteropServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ReliableQueue.FaultWorker;

// The worker that the fault tests kill, freeze and starve. Its options come from the command line: Broker, Effects, and everything under ReliableQueue.
var builder = Host.CreateApplicationBuilder(args);
builder.Logging.ClearProviders();
builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

// Tests wait for the single failures of an outage, which are details.
builder.Logging.AddFilter("ReliableQueue", builder.Configuration["Logging:LogLevel:Default"] is null ? LogLevel.Debug : LogLevel.Warning);

if (builder.Configuration["RememberedRejections"] is { } rejections)
{
    Retention.Remember(int.Parse(rejections, null));
}

// SIGXFSZ: a limit on the size of files then answers with an error, as a disk does that fails, and does not end the process.
using var limit = PosixSignalRegistration.Create((PosixSignal)25, signal => signal.Cancel = true);
using var effects = new EffectLog(
    builder.Configuration["Effects"] ?? throw new InvalidOperationException("Effects: the folder of the effect log."),
    isTold: builder.Configuration["TellEffects"] != "false");
builder.Services.AddSingleton(effects);
builder.Services.AddSingleton<Permission>();
builder.Services.AddSingleton(new Stores(builder.Configuration["Stores"] ?? "stores"));
builder.Services.AddSingleton(new ShiftedClock(builder.Configuration.GetValue("ClockRate", 1.0)));
builder.Services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<ShiftedClock>());
builder.Services.AddSingleton(new Steps(effects, builder.Configuration.GetValue<int>("KillAt"), builder.Configuration["KillFrom"]));
builder.Services.AddSingleton(new Mortality(builder.Configuration["IsSpared"] != "true"));
builder.Services.AddHostedService<StartClock>();
builder.Services.AddHostedService<Flood>();
builder.Services.AddHealthChecks().AddReliableQueue();
builder.Services.AddReliableWorker(worker =>
{
    worker.Use(builder.Configuration["Broker"]);
    _ = builder.Configuration["InBatches"] == "true"
        ? worker.AddBatchHandler<WorkOrder, WorkOrderBatchHandler>(WorkOrder.Queue)
        : worker.AddHandler<WorkOrder, WorkOrderHandler>(WorkOrder.Queue);
    if (builder.Configuration["KnowsNextOrders"] == "true")
    {
        worker.AddHandler<NextOrder, NextOrderHandler>(WorkOrder.Queue);
    }
});
builder.Services.AddSteps();
builder.Services.AddHostedService<CommandLoop>();

using var host = builder.Build();
try
{
    await host.RunAsync();
    effects.Tell("stopped");
    return 0;
}
catch (Exception exception) when (exception is not OutOfMemoryException)
{
    // What a person would read when the host refuses to start.
    await Console.Error.WriteLineAsync(exception.Message);
    effects.Tell("refused");
    return 1;
}
